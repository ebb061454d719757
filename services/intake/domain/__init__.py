"""The domain of intake: who people are, whom a referral is about, and the contacts of the line."""

from services.intake.domain.contact import (
    Account,
    Agent,
    Contact,
    ImpossibleContact,
)
from services.intake.domain.identification import (
    AlreadyDecided,
    Candidate,
    Identification,
    IdentityReview,
    Verdict,
    identify,
    refuse_half_choice,
    refuse_known,
)
from services.intake.domain.identity import Address, Gender, HospitalNumber, Identity
from services.intake.domain.person import (
    AlreadyRegistered,
    ImpossibleIdentity,
    Person,
    UnknownPerson,
    refuse_impossible,
)
from services.intake.domain.received import understood
from services.intake.domain.resemblance import Grade, Reason, Resemblance, Terms, compare

__all__ = [
    "Account",
    "Address",
    "Agent",
    "AlreadyDecided",
    "AlreadyRegistered",
    "Candidate",
    "Contact",
    "Gender",
    "Grade",
    "HospitalNumber",
    "Identification",
    "Identity",
    "IdentityReview",
    "ImpossibleContact",
    "ImpossibleIdentity",
    "Person",
    "Reason",
    "Resemblance",
    "Terms",
    "UnknownPerson",
    "Verdict",
    "compare",
    "identify",
    "refuse_half_choice",
    "refuse_impossible",
    "refuse_known",
    "understood",
]
