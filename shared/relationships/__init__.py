"""Who is related to which subject, why, and for how long: one table of links, one of exclusions, one question."""
