"""The network around the programme: one organisation with a system, one that is reached by hand."""

import pytest

from shared.testing.harness import UnderTest
from tests.referrals.outgoing.asking import knows


@pytest.fixture
async def network(referrals: UnderTest) -> UnderTest:
    """The service; `centre` polls or is notified, `partner-other` has no system."""
    await knows(referrals, "centre", mission="Aide à domicile")
    await knows(referrals, "partner-other", channel="manual", kind="patient-association")
    return referrals
