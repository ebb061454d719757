"""What the door takes is FHIR: every good variant of the corpus is valid to the outside judge too."""

from shared.testing.harness import UnderTest
from tests.referrals.clients.judge import Judge
from tests.referrals.fhir.bundles import BASE, FHIR_JSON
from tests.referrals.fhir.test_good_variants import variants


async def test_every_good_variant_that_the_door_takes_is_valid(referrals: UnderTest, judge: Judge) -> None:
    wrong: list[str] = []
    async with referrals.client("hospital-chu") as client:
        for name, bundle in variants():
            answer = await client.post(BASE, json=bundle, headers=FHIR_JSON)
            assert answer.status_code == 200, f"{name}: {answer.text}"
            wrong += [f"{name}: {each.at}: {each.says}" for each in judge.errors(bundle)]
    assert not wrong, "\n".join(wrong)
