"""A calendar feed (RFC 5545): days, codes in words, short ids. No place, no description, nobody's name."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone

from services.scheduler.domain import CalendarEntry, Language
from services.scheduler.formats.labels import label, words
from shared.clock import BRUSSELS

PRODUCT = "-//Relais//scheduler//FR"
REFRESH = timedelta(hours=1)


def calendar_text(entries: Sequence[CalendarEntry], language: Language, now: datetime) -> bytes:
    """The feed with these entries, in the time zone of Belgium with its rules. `now` is when it was made."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", words(language)["calendar"])
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    if entries:
        calendar.add_component(_zone(entries, BRUSSELS))
    for entry in entries:
        calendar.add_component(_event(entry, language, now))
    written: bytes = calendar.to_ical()
    return written


def _zone(entries: Sequence[CalendarEntry], zone: ZoneInfo) -> Timezone:
    """The zone's changes of the years that the entries lie in, and of one before and after."""
    first = min(entry.begins for entry in entries).date() - timedelta(days=366)
    last = max(entry.begins for entry in entries).date() + timedelta(days=366)
    return Timezone.from_tzinfo(zone, first_date=first, last_date=last)


def _event(entry: CalendarEntry, language: Language, now: datetime) -> Event:
    event = Event()
    begins = entry.begins.astimezone(BRUSSELS)
    done = f" ({words(language)['done']})" if entry.done else ""
    event.add("uid", f"{entry.uid}@scheduler.relais")
    event.add("dtstamp", now)
    event.add("dtstart", entry.begins.date() if entry.day_only else begins)
    if not entry.day_only:
        event.add("dtend", (entry.begins + entry.length).astimezone(BRUSSELS))
    event.add("sequence", entry.sequence)
    event.add("status", entry.status.value)
    event.add("transp", "OPAQUE" if entry.busy else "TRANSPARENT")
    event.add("class", "PRIVATE")
    event.add("summary", f"{label(language, entry.kind, entry.group)} - {entry.short}{done}")
    return event
