"""HL7 v2 messages for these tests, and their answers taken apart by python-hl7. All people are made up."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import hl7
import httpx

from services.referrals.domain import Document
from services.referrals.formats.hl7v2 import Demand, check_header, read, read_demand
from shared.testing.harness import UnderTest

EXAMPLES = Path(__file__).parents[3] / "services/referrals/examples"
EXAMPLE = (EXAMPLES / "referral.hl7").read_text()
MEDIA = {"content-type": "application/hl7-v2"}
PDF = "JVBERi0xLjQKJSBtYWRlIHVwCg=="

SMALL = "\r".join(
    [
        r"MSH|^~\&|EPR|CHU|RELAIS|RELAIS|20261120093000+0100||REF^I12^REF_I12|M-1|P|2.5||||||UNICODE UTF-8",
        "RF1||R^Routine^HL70280||||S-1^urn:chu:referral",
        "PRD|RP^Referring Provider^HL70286|Lambert^Odette",
        "PID|1||H-9^^^CHU^PI||Lambert^Odette||19480229|F",
        "",
    ]
)

RICH = "\r".join(
    [
        r"MSH|^~\&|EPR|CHU|RELAIS|RELAIS|20261120093000+0100||REF^I12^REF_I12|M-2|P|2.5||||||UNICODE UTF-8",
        "RF1||S^Stat^HL70280||||2026-0001^urn:chu:referral",
        "PRD|RP^Referring Provider^HL70286|Soin^Sara|||||0403019261^CBE",
        "PRD|PP^Primary Care Provider^HL70286|Kanarie^^^^Dr",
        "PID|1||H-77^^^CHU^PI~50.02.03-001.03^^^SSIN&2.16.840.1.113883.3.6777.5.1&ISO^NNBEL"
        "||Vandenkanarie^Serafine-Josse^^^^^L||19500203|F"
        "|||Rue du Canari 7&Rue du Canari&7^^^^4000^BE^H^^62063"
        "||+32 471 98 76 54^PRN^CP~^NET^Internet^serafine@kanarie.example||fr",
        "NK1|1|Kanarie^Balthazar|BRO^frère||0499 11 22 33",
        "OBR|1|||referral^^99RELAIS",
        "OBX|1|ID|consent.given^^99RELAIS||Y||||||F",
        "OBX|2|ST|consent.kind^^99RELAIS||oral||||||F",
        "OBX|3|ST|consent.by^^99RELAIS||Balthazar||||||F",
        "OBX|4|DT|consent.on^^99RELAIS||20261118||||||F",
        "OBX|5|CE|factors^^99RELAIS||carer_burden||||||F",
        "OBR|2|s-1||eladeb-r^ELADEB-R^99RELAIS|||20261118",
        "OBX|1|ST|sheet.edition^^99RELAIS||2011||||||F",
        "OBX|2|ST|sheet.rater^^99RELAIS||self||||||F",
        "OBX|3|NM|housework.difficulty^^99RELAIS||2||||||F",
        "OBX|4|NM|housework.need^^99RELAIS||1||||||F",
        "OBX|5|CE|housework.sources^^99RELAIS||F||||||F",
        "OBX|6|NM|addiction.difficulty^^99RELAIS||3||||||F",
        'OBX|7|NM|addiction.need^^99RELAIS||""||||||F',
        "OBX|8|CE|addiction.absent^^99RELAIS||refused||||||F",
        "PV1|1|I|^^^CHU^^^^^Aile des canaris|E" + "|" * 40 + "20261102",
        "PV2|||||||||20261125",
        "NTE|1|P|vit seule avec douze canaris",
        "",
    ]
)


def edited(text: str, place: str, value: str | None) -> str:
    """A message with another value in a field, `PID-7` or `OBX[3]-5`; None takes the whole segment out."""
    named = re.fullmatch(r"([A-Z0-9]{3})(?:\[(\d+)\])?(?:-(\d+))?", place)
    assert named, place
    name, number, position = named[1], int(named[2] or 1), int(named[3] or 0)
    segments = text.replace("\n", "\r").strip("\r").split("\r")
    index = [at for at, segment in enumerate(segments) if segment.startswith(name)][number - 1]
    if value is None:
        del segments[index]
    else:
        fields = segments[index].split("|")
        at = position - 1 if name == "MSH" else position
        fields += [""] * (at + 1 - len(fields))
        fields[at] = value
        segments[index] = "|".join(fields)
    return "\r".join(segments) + "\r"


def with_segment(text: str, segment: str, *, after: str) -> str:
    """A message with one more segment, after the last of a name."""
    segments = text.replace("\n", "\r").strip("\r").split("\r")
    index = max(at for at, each in enumerate(segments) if each.startswith(after))
    return "\r".join([*segments[: index + 1], segment, *segments[index + 1 :]]) + "\r"


def fresh(text: str, number: str, trigger: str = "I12", *, identifier: str | None = None) -> str:
    """The message under another message id; with another trigger, or another identifier of the referral."""
    made = edited(edited(text, "MSH-10", number), "MSH-9", f"REF^{trigger}^REF_I12")
    return edited(made, "RF1-6", f"{identifier}^urn:chu:referral") if identifier else made


def demand_of(text: str | bytes) -> Demand:
    """What a message asks for."""
    message = read(text if isinstance(text, bytes) else text.encode())
    return read_demand(message, check_header(message, only_production=True))


def document_of(text: str | bytes) -> Document:
    """The document in a message."""
    document = demand_of(text).document
    assert document
    return document


async def send(client: httpx.AsyncClient, text: str, **headers: str) -> httpx.Response:
    """Send a message over HTTP."""
    return await client.post("/referrals/hl7v2", content=text.encode(), headers=MEDIA | headers)


async def sent(referrals: UnderTest, text: str, persona: str = "hospital-chu") -> "Answer":
    """A message's answer."""
    async with referrals.client(persona) as client:
        answer = await send(client, text)
    assert answer.status_code == 200, answer.text
    return Answer(answer.content)


class Answer:
    """An answer, read by a parser that is not ours."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.message: Any = hl7.parse(content.decode())

    def text(self, place: str) -> str:
        """A field as written, `MSA-1`."""
        name, _, number = place.partition("-")
        segment = self.message.segment(name)
        return str(segment(int(number))) if len(segment) > int(number) else ""

    @property
    def code(self) -> str:
        """AA, AE or AR."""
        return self.text("MSA-1")

    @property
    def faults(self) -> set[tuple[str, str]]:
        """Where (ERR-2) and what (ERR-5), as `PID^1^7^1` and our code."""
        if "ERR" not in {str(segment[0]) for segment in self.message}:
            return set()
        return {(str(each(2)), str(each(5)).partition("^")[0]) for each in self.message.segments("ERR")}

    @property
    def warnings(self) -> list[str]:
        """The notes of an RRI."""
        names = {str(segment[0]) for segment in self.message}
        return [str(each(3)) for each in self.message.segments("NTE")] if "NTE" in names else []


def all_of(parts: Iterable[tuple[str, str]], text: str = SMALL) -> str:
    """A message with several fields replaced."""
    for place, value in parts:
        text = edited(text, place, value)
    return text


def plain(document: Document) -> Mapping[str, Any]:
    """A document as plain JSON."""
    content: Mapping[str, Any] = document.model_dump(mode="json")
    return content
