"""A person's data are restricted, become a pseudonym's, or are erased: scheduler does its part, and answers."""

from services.scheduler.events import PersonDataErased
from services.scheduler.handlers.registry import handlers
from services.scheduler.store.erasing import PLAN
from services.scheduler.store.subjects import SUBJECTS
from shared.erasure.ending import Ending, Told, follow

TOLD = Told(
    restricted="intake.person-restricted.v1",
    lifted="intake.restriction-lifted.v1",
    pseudonymised="intake.person-pseudonymised.v1",
    erased="intake.person-erased.v1",
    elsewhere="intake.erasure-answered.v1",
)

follow(handlers, Ending(SUBJECTS, PLAN, PersonDataErased), TOLD)
