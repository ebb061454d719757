"""What scheduler writes for other programs: calendars, and digests to be read by people."""

from services.scheduler.formats.digest import digest_text
from services.scheduler.formats.ical import calendar_text
from services.scheduler.formats.labels import label

__all__ = ["calendar_text", "digest_text", "label"]
