"""The handlers of intake, by the fact that they answer to."""

from services.intake.store.relinks import PERSON_COLUMNS
from shared.handlers import Handlers

handlers = Handlers(relinked=PERSON_COLUMNS)
