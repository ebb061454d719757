"""The handlers of cases, by the fact that they answer to."""

from shared.handlers import Handlers

handlers = Handlers()
