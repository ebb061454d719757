"""The handlers of assessment, by the fact that they answer to."""

from services.assessment.store import PERSON_COLUMNS
from shared.handlers import Handlers

handlers = Handlers(relinked=PERSON_COLUMNS)
