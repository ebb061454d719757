"""What the door takes is FHIR: the good variants of the corpus are valid to the outside judge too, but for these."""

from shared.testing.harness import UnderTest
from tests.outside.judge import Judge
from tests.referrals.fhir.bundles import BASE, FHIR_JSON
from tests.referrals.fhir.test_good_variants import variants

LENIENT = {
    "levels as integers": "a hospital's form engine gives numbers",
    "a flat form": "items without their groups, by link id alone",
    "questions in words": "the ward's own wording beside our link ids",
    "a second edition": "a form that we do not publish any more, or not yet",
    "a letter in lines": "base64 with line breaks (MIME)",
    "of_rest_urls": "fullUrls of another server, resources without ids",
    "of_relative_urls": "the same with relative references",
    "of_ids": "no fullUrl, resources by their own ids",
}
"""What stock software sends and the door understands, though a validator would not."""


async def test_what_the_door_takes_is_valid_but_for_the_leniencies_listed(referrals: UnderTest, judge: Judge) -> None:
    wrong: list[str] = []
    count = 0
    async with referrals.client("hospital-chu") as client:
        for name, bundle in variants():
            answer = await client.post(BASE, json=bundle, headers=FHIR_JSON)
            assert answer.status_code == 200, f"{name}: {answer.text}"
            if name not in LENIENT:
                count += 1
                wrong += [f"{name}: {each.at}: {each.says}" for each in judge.errors(bundle)]
    assert not wrong, "\n".join(wrong)
    assert count >= 100
