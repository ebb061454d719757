"""The handlers of scheduler, by the fact that they answer to."""

from services.scheduler.store import PERSON_COLUMNS
from shared.handlers import Handlers

handlers = Handlers(relinked=PERSON_COLUMNS)
