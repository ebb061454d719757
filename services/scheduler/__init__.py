"""Scheduler: what has to be done at its time, above all the two follow-up calls after a case is closed."""
