"""Every table of every service says what becomes of its rows when somebody's data end."""

from importlib import import_module

import pytest

from services.__main__ import NAMES
from shared.encryption.columns import Encrypted
from shared.erasure.ended import EndState
from shared.erasure.plan import Plan
from tests.conftest import load

PLANS: dict[str, Plan] = {
    service.name: import_module(f"services.{service.name}.store.erasing").PLAN for service in map(load, NAMES)
}


@pytest.fixture(params=NAMES)
def plan(request: pytest.FixtureRequest) -> Plan:
    """The plan of each service."""
    return PLANS[request.param]


def test_no_table_is_forgotten_and_none_is_told_twice(plan: Plan) -> None:
    told = {part.table for part in plan.parts}
    assert told | plan.untouched.keys() == set(plan.metadata.tables)
    assert not told & plan.untouched.keys()


def test_every_column_that_leads_to_somebody_is_followed(plan: Plan) -> None:
    """Whatever the audit finds a person by, the erasure finds too."""
    service = next(load(name) for name in NAMES if PLANS[name] is plan)
    followed = {(part.table, name) for part in plan.parts for name in part.by}
    linked = {(link.outer.table.name, link.outer.name) for link in service.subjects.links}
    roots = {(root.table.name, root.name) for root in service.subjects.roots}
    assert (linked | roots) - followed == set()


def test_what_is_encrypted_is_in_no_table_that_stays_untouched(plan: Plan) -> None:
    """But where it is not a person's of whom records are kept, each such column is named here."""
    written = {
        f"{table.name}.{column.name}"
        for table in plan.metadata.tables.values()
        if table.name in plan.untouched
        for column in table.columns
        if isinstance(column.type, Encrypted)
    }
    assert written <= {
        *("meeting.reason", "meeting.summary", "activity_period.reason", "line_silence.note", "outage.note"),
        *("subscription.secret", "subscription.previous_secret", "subscription.headers"),
        *("organisation.notes", "organisation.about", "capacity_question.answer", "capacity_question.recorded"),
    }


def test_rows_that_stay_after_an_erasure_say_why(plan: Plan) -> None:
    staying = [part for part in plan.parts if EndState.ERASED not in part.deletes and part.is_about_them]
    assert all(part.kept_because for part in staying)
