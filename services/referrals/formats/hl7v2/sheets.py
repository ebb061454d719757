"""OBR and OBX: filled sheets, details of the referral, and letters, in our published local codes (`99RELAIS`)."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping

from services.referrals.formats.hl7v2.draft import Draft, day_of
from services.referrals.formats.hl7v2.er7 import Er7, Segment

CODE_SYSTEM = "99RELAIS"
OWN_SYSTEMS = frozenset({CODE_SYSTEM, "L"})
DETAILS = "referral"
"""OBR-4 of the group whose OBX say what v2 has no field for; any other code of ours is an instrument."""

CARD = re.compile(r"([a-z_]{1,60})\.(difficulty|need|sources|absent)")
LEVEL = re.compile(r"[+-]?[0-9]{1,4}")
FINAL = frozenset({"", "F", "C", "P", "R", "S", "U"})
"""OBX-11: a result that is deleted, wrong or could not be had (D, W, X) is none."""

MEDIA: Mapping[str, str] = {"AP": "application", "APPLICATION": "application", "IM": "image", "IMAGE": "image"}

Read = Callable[[Draft, Segment, str], None]


def groups(message: Er7) -> Iterator[tuple[Segment, list[Segment]]]:
    """Each OBR with its OBX."""
    current: tuple[Segment, list[Segment]] | None = None
    for segment in message.segments:
        if segment.name == "OBR":
            if current:
                yield current
            current = (segment, [])
        elif segment.name == "OBX" and current:
            current[1].append(segment)
    if current:
        yield current


def read_observations(draft: Draft, message: Er7) -> None:
    """Every OBR group: a letter wherever it stands; others' codes are left out with a warning."""
    for obr, results in groups(message):
        others = []
        for obx in results:
            if obx.text(11) not in FINAL:
                draft.fault(obx.place.at(11), "not-one-of")
            elif obx.text(2) == "ED":
                _letter(draft, obx)
            else:
                others.append(obx)
        if obr.text(4, 3) not in OWN_SYSTEMS:
            if others:
                draft.warn(obr.place, "observation-ignored")
        elif obr.text(4) == DETAILS:
            _each(draft, others, "", _detail)
        else:
            _sheet(draft, obr, others)


def _sheet(draft: Draft, obr: Segment, results: list[Segment]) -> None:
    sheet = draft.append("/sheets", {"answers": {}}, obr.place)
    for name, number in (("identifier", 2), ("instrument", 4), ("filled_on", 7), ("edition", 4), ("rater", 4)):
        draft.note(f"{sheet}/{name}", obr.place.at(number))
    draft.put(f"{sheet}/identifier", obr.text(2) or obr.text(3), obr.place.at(2))
    draft.put(f"{sheet}/instrument", obr.text(4), obr.place.at(4))
    draft.put(f"{sheet}/filled_on", day_of(draft, obr, 7), obr.place.at(7))
    _each(draft, results, sheet, _answer)


def _each(draft: Draft, results: list[Segment], pointer: str, read: Read) -> None:
    """Read results of our codes, each code once."""
    seen: set[str] = set()
    for obx in results:
        code = obx.text(3)
        if obx.text(3, 3) not in OWN_SYSTEMS:
            draft.fault(obx.place.at(3, 1, 3), "unknown-code")
        elif code in seen:
            draft.fault(obx.place.at(3), "repeated")
        else:
            seen.add(code)
            read(draft, obx, pointer)


def _answer(draft: Draft, obx: Segment, sheet: str) -> None:
    """One OBX of a sheet: `<card>.difficulty`, `.need`, `.sources`, `.absent`, or `sheet.edition|rater|language`."""
    code, value, place = obx.text(3), obx.text(5), obx.place.at(5)
    if code in ("sheet.edition", "sheet.rater", "sheet.language"):
        name = code.removeprefix("sheet.")
        draft.places[f"{sheet}/{name}"] = place
        draft.put(f"{sheet}/{name}", value, place)
        return
    named = CARD.fullmatch(code)
    if named is None:
        draft.fault(obx.place.at(3), "unknown-code")
        return
    card, part = named.groups()
    answer = f"{sheet}/answers/{card}"
    draft.note(answer, obx.place.at(3))
    draft.note(f"{answer}/{part}", place)
    if part == "sources":
        listed = [obx.text(5, 1, 1, each) for each in obx.repetitions(5)]
        draft.put(f"{answer}/{part}", [each for each in listed if each], place)
    elif part == "absent":
        draft.put(f"{answer}/{part}", value, place)
    elif obx.is_null(5):
        draft.put(f"{answer}/{part}", None, place)
    elif LEVEL.fullmatch(value):
        draft.put(f"{answer}/{part}", int(value), place)
    else:
        draft.fault(place, "wrong-format" if value else "required")


def _detail(draft: Draft, obx: Segment, _: str) -> None:
    """One OBX of the group `referral`."""
    code, value, place = obx.text(3), obx.text(5), obx.place.at(5)
    if code == "consent.given":
        if value not in ("Y", "N"):
            draft.fault(place, "not-one-of" if value else "required")
        draft.put("/consent/given", value == "Y", place)
    elif code == "consent.on":
        draft.put("/consent/on", day_of(draft, obx, 5), place)
    elif code in ("consent.kind", "consent.by", "consent.evidence", "stay.unit_contact"):
        draft.put("/" + code.replace(".", "/"), value, place)
    elif code == "factors":
        for repetition in obx.repetitions(5):
            draft.append("/reason/factors", obx.text(5, 1, 1, repetition), obx.place.at(5, repetition))
    else:
        draft.fault(obx.place.at(3), "unknown-code")


def _letter(draft: Draft, obx: Segment) -> None:
    """OBX of type ED: source, type, subtype, `Base64`, data. Its title is OBX-3."""
    kind = MEDIA.get(obx.text(5, 2).upper())
    subtype = obx.text(5, 3).lower()
    content_type = f"{kind}/{subtype}"
    if content_type not in ("application/pdf", "image/jpeg", "image/png"):
        draft.fault(obx.place.at(5, 1, 3 if kind else 2), "not-one-of")
        return
    if obx.text(5, 4).upper() != "BASE64":
        draft.fault(obx.place.at(5, 1, 4), "not-one-of")
        return
    data = "".join(obx.text(5, 5).split())
    place = obx.place.at(5, 1, 5)
    if not data:
        draft.fault(place, "required")
    elif not _is_base64(data) or (content_type == "application/pdf" and not data.startswith("JVBERi")):
        draft.fault(place, "wrong-format")
    entry = draft.append("/attachments", {"content_type": content_type, "data": data}, obx.place)
    draft.note(f"{entry}/data", place)
    draft.note(f"{entry}/title", obx.place.at(3))
    draft.put(f"{entry}/title", obx.text(3, 2) or obx.text(3), obx.place.at(3))


def _is_base64(data: str) -> bool:
    try:
        base64.b64decode(data, validate=True)
    except binascii.Error:
        return False
    return True
