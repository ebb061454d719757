"""The handlers of cases, by the fact that they answer to."""

from services.cases.store import PERSON_COLUMNS
from shared.handlers import Handlers

handlers = Handlers(relinked=PERSON_COLUMNS)
