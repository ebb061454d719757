"""A received document is encrypted, and its referral is found by the person's numbers all the same."""

from services.referrals.store.referral_search import Narrowing, ReferralSearch
from shared.access import Scope
from shared.auth import Caller
from shared.testing.harness import under_test
from tests.conftest import Databases, load
from tests.referrals.pushes import FULL
from tests.security.encryption.rest import BOTH, OLD, dump, keys, rotation

HOSPITAL = Caller("hospital-chu", "hospital-chu", "chu", frozenset({"hospital"}), "", Scope.ORGANISATION)


async def test_a_referral_is_found_by_number_before_and_after_a_rotation(databases: Databases) -> None:
    service = load("referrals")
    urls = await databases.fresh(service)
    person = FULL["person"]
    async with under_test(service, urls, **keys(OLD)) as referrals:
        async with referrals.client("operator") as operator:
            about = {"name": "CHU", "kind": "hospital"}
            await operator.put("/referrals/directory/organisations/chu", json=about)
        async with referrals.client("hospital-chu") as hospital:
            pushed = await hospital.post("/referrals", json=FULL)
        assert pushed.status_code == 201, pushed.text
    kept = await dump(urls)
    assert [each for each in (person["family_name"], person["niss"]) if each in kept] == []
    for _ in range(2):
        async with under_test(service, urls, **keys(BOTH)) as again, again.app.state.database.transaction() as opened:
            for asked, number in ((person["niss"], 1), ("00000000000", 0)):
                narrowing = Narrowing(person_numbers=frozenset({asked}))
                assert len(await ReferralSearch(opened).page(HOSPITAL, narrowing, None, 5)) == number
        async with rotation(service, urls, BOTH) as rotating:
            assert len([each async for each in rotating.run()]) >= 0
            assert await rotating.old() == 0
