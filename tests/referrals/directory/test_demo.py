"""The made-up directory of `make run`: whole, and the same after the second start."""

from shared.local.demo_directory import LIEGE, ORGANISATIONS, SERVICES, register_directory
from shared.local.issuer import organisations
from shared.testing.harness import UnderTest
from tests.referrals.directory.entries import ORGANISATIONS as PLACE
from tests.referrals.directory.entries import codes, send


async def test_the_demonstration_fills_the_directory_once(referrals: UnderTest) -> None:
    for code, known in organisations().items():
        await send(referrals, "operator", "PUT", f"{PLACE}/{code}", dict(known))
    async with referrals.client("operator") as client:
        await register_directory(client, {})
        told = await referrals.types()
        await register_directory(client, {})
    assert await referrals.types() == told
    assert len(await codes(referrals)) == len(SERVICES)
    assert set(ORGANISATIONS) <= {
        item["code"] for item in (await send(referrals, "line-nurse", "GET", PLACE)).json()["items"]
    }
    assert await codes(referrals, domain="housework", commune=LIEGE) == ["aide-menagere"]
    assert (await codes(referrals, commune=LIEGE))[-1] == "souffle", "what is full comes last"
