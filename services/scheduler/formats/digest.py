"""A digest in plain text: how much of what, without anybody's name."""

from collections.abc import Mapping
from datetime import date

from services.scheduler.domain import Language
from services.scheduler.formats.labels import label, words

Counts = Mapping[tuple[str, str], int]


def digest_text(language: Language, on: date, since: date, parts: Mapping[str, Counts]) -> str:
    """The digest of a day; `parts` are the counts of `due`, `overdue` and `done` by trigger and kind."""
    said = words(language)
    heads = {"due": said["due"], "overdue": said["overdue"], "done": said["done-since"]}
    lines = [said["calendar"]]
    for part, head in heads.items():
        counts = parts[part]
        lines += ["", f"{head.format(on=on.isoformat(), since=since.isoformat())}: {sum(counts.values())}"]
        lines += [f"  {label(language, kind, trigger)}: {count}" for (trigger, kind), count in sorted(counts.items())]
    return "\n".join(lines) + "\n"
