"""Organisations of the network."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from services.referrals.events import OrganisationChanged


class OrganisationKind(StrEnum):
    """What kind of organisation it is (our own code system; see the glossary of the README)."""

    HOSPITAL = "hospital"
    CASE_MANAGEMENT = "case-management"
    COORDINATION_CENTRE = "coordination-centre"
    PATIENT_ASSOCIATION = "patient-association"
    HEALTH_CENTRE = "health-centre"
    GENERAL_PRACTICE = "general-practice"
    HEALTH_INSURANCE_FUND = "health-insurance-fund"
    OTHER = "other"


class Organisation(BaseModel):
    """An organisation that sends, receives or follows people. `code` is the `org_id` of its tokens."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    kind: OrganisationKind
    active: bool = True

    def describe(self, name: str, kind: OrganisationKind, active: bool) -> OrganisationChanged:
        """Set what is known of it."""
        self.name, self.kind, self.active = name, kind, active
        return OrganisationChanged(organisation=self.code, kind=kind, active=active)
