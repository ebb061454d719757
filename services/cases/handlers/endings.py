"""A person's data are restricted, become a pseudonym's, or are erased: cases does its part, and answers."""

from services.cases.events import PersonDataErased
from services.cases.handlers.registry import handlers
from services.cases.store.erasing import PLAN
from services.cases.store.subjects import SUBJECTS
from shared.erasure.ending import Ending, Told, follow

TOLD = Told(
    restricted="intake.person-restricted.v1",
    lifted="intake.restriction-lifted.v1",
    pseudonymised="intake.person-pseudonymised.v1",
    erased="intake.person-erased.v1",
    elsewhere="intake.erasure-answered.v1",
)

follow(handlers, Ending(SUBJECTS, PLAN, PersonDataErased), TOLD)
