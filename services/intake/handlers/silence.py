"""The line is watched on the clock, from what the database holds: nothing is remembered between two looks."""

from datetime import datetime

from services.intake.domain.silence import heartbeat_missing
from services.intake.events import SilenceSign
from services.intake.handlers.registry import handlers
from services.intake.store import LineHoursRow, Lines, SilenceRow, Silences
from shared.clock import local_date


@handlers.every(60)
async def watch_line(lines: Lines, silences: Silences) -> None:
    """End the silences in which life was seen again, and tell of each new one once."""
    for line in await lines.held():
        call, beat = await lines.last_call(line.programme), await lines.last_heartbeat(line.programme)
        await end_those_over(line, silences, {SilenceSign.NO_CONTACTS: call, SilenceSign.NO_HEARTBEAT: beat})
        await watch_calls(line, call, lines, silences)
        await watch_heartbeats(line, beat, silences)


async def end_those_over(line: LineHoursRow, silences: Silences, last: dict[SilenceSign, datetime | None]) -> None:
    """A call or a heartbeat after the one before the silence ends it."""
    now = silences.transaction.clock.now()
    for silence in await silences.open(line.programme):
        seen = last[silence.sign]
        if seen and seen > silence.since:
            await silences.record(silence, silence.end(now))


async def watch_calls(line: LineHoursRow, last: datetime | None, lines: Lines, silences: Silences) -> None:
    """No call for longer than chance explains."""
    clock = silences.transaction.clock
    volume = await lines.learn(line, local_date(clock))
    if last is None or not volume.is_learned:
        return
    probability = volume.silence(line, last, clock.now())
    if probability is not None:
        await tell(line, SilenceSign.NO_CONTACTS, last, silences, probability)


async def watch_heartbeats(line: LineHoursRow, last: datetime | None, silences: Silences) -> None:
    """No heartbeat for longer than the hours allow."""
    since = heartbeat_missing(line, last, silences.transaction.clock.now())
    if since:
        await tell(line, SilenceSign.NO_HEARTBEAT, since, silences)


async def tell(
    line: LineHoursRow, sign: SilenceSign, since: datetime, silences: Silences, probability: float | None = None
) -> None:
    """Tell of a silence, once."""
    if not await silences.is_told(line.programme, sign, since):
        now = silences.transaction.clock.now()
        await silences.record(*SilenceRow.raised(line.programme, sign, since, now, probability))
