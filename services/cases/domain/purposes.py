"""The purposes of consent that cases asks for (see `shared/permissions/agreements.json`)."""

CASE_MANAGEMENT = "case-management"
SHARING = "sharing"
TEAM_MEETING = "team-meeting"
