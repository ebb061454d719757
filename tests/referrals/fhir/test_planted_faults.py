"""A corpus of planted faults: every one refused, nothing stored, and the answer points at the very element."""

from shared.testing.harness import UnderTest
from tests.referrals.fhir.bundles import BASE, FHIR_JSON, issues
from tests.referrals.fhir.planted import planted
from tests.referrals.pushes import CANARIES, count


async def test_every_planted_fault_is_refused_at_its_element_and_nothing_is_stored(referrals: UnderTest) -> None:
    corpus = list(planted())
    assert len(corpus) >= 120
    inexact = []
    async with referrals.client("hospital-chu") as client:
        for fault in corpus:
            answer = await client.post(BASE, json=fault.bundle, headers=FHIR_JSON)
            told = issues(answer.json())
            assert answer.status_code >= 400, fault.name
            assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8", fault.name
            assert not any(canary in answer.text for canary in CANARIES.values()), fault.name
            if (answer.status_code, told) != (fault.status, {(fault.code, fault.expression)}):
                inexact.append((fault.name, answer.status_code, told))
    assert await count(referrals) == 0
    assert "referrals.referral-received.v1" not in await referrals.types()
    exact = 1 - len(inexact) / len(corpus)
    assert exact >= 0.95, (exact, len(corpus), inexact)
    assert not inexact, inexact
