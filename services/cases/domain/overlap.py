"""Words of the network for demands that are over: nobody follows the person by them any more."""

OVER = frozenset({"refused", "redirected", "closed", "not-achieved", "cancelled", "voided", "expired"})
"""States of an outgoing referral, as referrals tells them, that lead nowhere any more."""

IN_USE = frozenset({"accessed", "used"})
"""How far the person has come with a service that helps now."""
