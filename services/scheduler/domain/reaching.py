"""By which way a person is reached: as the policy wants it, past what the person does not want."""

from collections.abc import Collection, Mapping, Sequence

from services.scheduler.domain.policy import Try
from services.scheduler.domain.record import Channel

PURPOSE = "channel"
"""The purpose of consent by which a person refuses a way to be reached (see `shared/permissions/agreements.json`)."""

WANTED_AS: Mapping[Channel, str] = {Channel.CALL: "phone", Channel.EMAIL: "email"}
"""What a person can refuse of each way; a visit is agreed upon by itself."""


def next_way(tries: Sequence[Try], failures: int, unwanted: Collection[str]) -> Channel:
    """The way to try next: the policy's, else the next one of it that is wanted, else any, and in the end a visit."""
    at = min(failures, len(tries) - 1)
    ways = [*(each.channel for each in tries[at:]), *(each.channel for each in tries[:at]), *Channel]
    return next((way for way in ways if WANTED_AS.get(way) not in unwanted), Channel.VISIT)
