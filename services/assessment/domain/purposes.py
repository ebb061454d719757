"""The purposes of consent that assessment asks for (see `shared/permissions/agreements.json`)."""

SHARING = "sharing"
STATISTICS = "statistics"
