"""Where every handler of this service is registered."""

from shared.handlers import Handlers

handlers = Handlers()
