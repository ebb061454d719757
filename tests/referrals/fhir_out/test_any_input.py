"""Whatever a client sends as a patch or a search, the answer is a refusal with its place, never a crash."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.referrals.domain import State
from services.referrals.domain.states import STANDING
from services.referrals.formats.fhir.patches import STATUS_FIELDS, PatchRefused, PatchTestFailed, patched
from services.referrals.formats.fhir.question_wish import answer_of
from services.referrals.formats.fhir.search_filter import PARAMETERS
from services.referrals.formats.fhir.search_parameters import SearchRefused, has_number, parse_search, span_of
from services.referrals.formats.fhir.task_wish import WishRefused, wish_of

TASK: dict[str, Any] = {
    "resourceType": "Task",
    "id": "x",
    "meta": {"versionId": "1"},
    "status": "requested",
    "businessStatus": {"coding": [{"code": "received"}]},
    "intent": "order",
}
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
names = st.sampled_from(
    ["status", "statusReason", "businessStatus", "coding", "text", "op", "path", "value", "from", "-"]
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)
pointers = st.lists(names | st.text(max_size=3), max_size=3).map(lambda parts: "".join(f"/{part}" for part in parts))
operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "fly"]), "path": pointers},
    optional={"value": values, "from": pointers},
)
parts = st.fixed_dictionaries(
    {"name": st.sampled_from(["type", "path", "name", "value", "x"])},
    optional={
        "valueCode": st.sampled_from(["add", "replace", "delete", "insert"]),
        "valueString": st.sampled_from(
            ["Task", "Task.status", "Task.statusReason.coding[0].code", "Patient.name", "("]
        ),
        "valueCodeableConcept": values,
        "part": values,
    },
)
parameters = st.builds(
    lambda given: {"resourceType": "Parameters", "parameter": given},
    st.lists(st.builds(lambda inner: {"name": "operation", "part": inner}, st.lists(parts, max_size=4)) | values),
)


@settings(max_examples=400, deadline=timedelta(seconds=5))
@given(values | st.lists(operations, max_size=4) | parameters)
def test_a_patch_is_applied_to_the_status_or_refused(body: Any) -> None:
    with suppress(PatchRefused, PatchTestFailed, WishRefused):
        after = patched(TASK, body)
        assert {name: after.get(name) for name in TASK if name not in STATUS_FIELDS} == {
            name: part for name, part in TASK.items() if name not in STATUS_FIELDS
        }
        wish = wish_of(TASK, after, State.RECEIVED)
        assert wish is None or STANDING[wish.state].task_status == after["status"] or wish.state is State.RECEIVED
        answer_of(TASK, after)


@settings(max_examples=300, deadline=timedelta(seconds=5))
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*PARAMETERS["Task"], "_count", "_sort", "_include", "_summary", "_format"]) | st.text(),
            st.text() | st.sampled_from(["ge2026-02-30", "gt2026-11-18T10:00:00Z", "a|b", ",", "\\,", "9999-12-31"]),
        ),
        max_size=4,
    )
)
def test_a_search_is_understood_or_refused(pairs: list[tuple[str, str]]) -> None:
    known = {name: parameter.kind for name, parameter in PARAMETERS["Task"].items()}
    with suppress(SearchRefused):
        search = parse_search(pairs, known, frozenset())
        assert 0 <= search.count <= 200
        assert {name for name, _ in pairs} <= {*known, "_count", "_sort", "_include", "_summary", "_format"}


@given(st.text())
def test_any_text_is_a_moment_or_none_and_a_number_or_none(text: str) -> None:
    span = span_of(text)
    assert span is None or span.since or span.until
    assert has_number(text) in (True, False)
