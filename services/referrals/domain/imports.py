"""Imports of many referrals at once: their states, and what became of each row."""

from enum import StrEnum


class ImportState(StrEnum):
    """Where an import stands. `refused` is an all-or-nothing import of which one row could not enter."""

    RUNNING = "running"
    FINISHED = "finished"
    REFUSED = "refused"


class RowState(StrEnum):
    """What became of a row. `repeated`: it was known already, with the same content, by this or another door."""

    WAITING = "waiting"
    CHECKED = "checked"
    RECEIVED = "received"
    REPEATED = "repeated"
    REJECTED = "rejected"
