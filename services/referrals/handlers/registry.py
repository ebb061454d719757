"""Where every handler of this service is registered."""

from services.referrals.store import PERSON_COLUMNS
from shared.handlers import Handlers

handlers = Handlers(relinked=PERSON_COLUMNS)
