"""The systems and codes of what we tell in FHIR. No LOINC or SNOMED CT code for ELADEB was found: ours."""

from collections.abc import Iterable, Iterator
from typing import Any

from services.assessment.domain import Form, Instrument, Labels
from services.assessment.domain.form import Option

Resource = dict[str, Any]

CANONICAL = "https://relais.example/fhir"
"""The base of our canonical urls. It names; nothing need answer there."""
HL7 = "http://terminology.hl7.org/CodeSystem"
EXTENSION = "http://hl7.org/fhir/StructureDefinition"
ABSENT_REASON = f"{EXTENSION}/data-absent-reason"


def system(name: str) -> str:
    """The url of one of our code systems."""
    return f"{CANONICAL}/CodeSystem/{name}"


LEVEL = system("card-level")
HELP_SOURCE = system("help-source")
ABSENCE = system("absent-reason")
CARD = system("card")
SCORE = system("instrument-score")

LEVELS = {
    "0": Labels(fr="aucune", nl="geen", de="keine", en="none"),
    "1": Labels(
        fr="peu important ou non urgent",
        nl="minder belangrijk of niet dringend",
        de="gering oder nicht dringend",
        en="low",
    ),
    "2": Labels(fr="important ou moyennement urgent", nl="belangrijk of matig dringend", de="mittel", en="moderate"),
    "3": Labels(fr="très important ou urgent", nl="zeer belangrijk of dringend", de="hoch oder dringend", en="high"),
}
SOURCES = {
    "P": Labels(fr="professionnels", nl="professionals", de="Fachleute", en="professionals"),
    "F": Labels(fr="famille", nl="familie", de="Familie", en="family"),
    "E": Labels(fr="entourage", nl="omgeving", de="Umfeld", en="wider circle"),
    "?": Labels(fr="non précisé", nl="niet gespecificeerd", de="nicht angegeben", en="not specified"),
}
ABSENCES = {
    "refused": Labels(
        fr="refus de répondre", nl="weigert te antwoorden", de="Antwort verweigert", en="declined to answer"
    ),
    "unknown": Labels(fr="inconnu", nl="onbekend", de="unbekannt", en="unknown"),
    "not-applicable": Labels(fr="sans objet", nl="niet van toepassing", de="nicht zutreffend", en="not applicable"),
}
"""The same codes and words as the door of referrals publishes under the same urls."""

COUNTS = {
    "max": Labels(fr="maximum", nl="maximum", de="Höchstwert", en="maximum"),
    "answered-n": Labels(fr="réponses données", nl="gegeven antwoorden", de="gegebene Antworten", en="answers given"),
    "expected-n": Labels(
        fr="réponses attendues", nl="verwachte antwoorden", de="erwartete Antworten", en="answers expected"
    ),
    "flagged-n": Labels(fr="cartes retenues", nl="aangeduide kaarten", de="genannte Karten", en="cards flagged"),
    "sum-lower": Labels(fr="somme au moins", nl="som minstens", de="Summe mindestens", en="sum at least"),
    "sum-upper": Labels(fr="somme au plus", nl="som hoogstens", de="Summe höchstens", en="sum at most"),
}


def coding(of: str, code: str, display: str | None = None) -> Resource:
    """One code of a system."""
    return {"system": of, "code": code, **({"display": display} if display else {})}


def concept(of: str, code: str, display: str | None = None) -> Resource:
    """One code as a CodeableConcept."""
    return {"coding": [coding(of, code, display)]}


def pascal(name: str) -> str:
    """A name as FHIR wants it for machines: `who-5` becomes `Who5`."""
    return "".join(part.capitalize() for part in name.replace(".", "-").split("-"))


def weights(value: Any) -> list[Resource]:
    """What an answer weighs: as R5 and SDC say it, and as R4 does."""
    return [{"url": f"{EXTENSION}/{name}", "valueDecimal": value} for name in ("itemWeight", "ordinalValue")]


def may_show(definition: Instrument | Form) -> bool:
    """Whether the titles of an instrument's cards or items may be published."""
    return definition.rights.embedding != "none"


def label_of(definition: Instrument | Form, labels: Labels | None) -> Labels | None:
    """The label, where there is one and the rights allow it."""
    return labels if may_show(definition) else None


def answers_system(form: Form) -> str:
    """The code system of a form's own answers."""
    return system(f"answers-{form.code}")


def option_code(item: str, option: Option) -> str:
    """The code of one answer to one item."""
    return f"{item}.{option.code or option.value}"


def code_systems(definitions: Iterable[Instrument | Form]) -> dict[str, Resource]:
    """Every code system of ours by the last part of its url; of each instrument, the newest words."""
    known = list(definitions)
    found = [
        _system(
            LEVEL, "Level of a card, 0 to 3", [_weighted(code, label, int(code)) for code, label in LEVELS.items()]
        ),
        _system(HELP_SOURCE, "Wished source of help", [_concept(*each) for each in SOURCES.items()]),
        _system(ABSENCE, "Why a card has no answer", [_concept(*each) for each in ABSENCES.items()]),
        _system(CARD, "Cards of the instruments", list(_cards(known))),
        _system(SCORE, "Computed scores", list(_scores(known))),
        *(
            _system(answers_system(each), f"Answers to {each.name}", concepts)
            for each in known
            if isinstance(each, Form) and (concepts := list(_options(each)))
        ),
    ]
    return {each["id"]: each for each in reversed(found)}


def _system(url: str, title: str, concepts: list[Resource]) -> Resource:
    name = url.rpartition("/")[2]
    by_code = {each["code"]: each for each in reversed(concepts)}
    return {
        "resourceType": "CodeSystem",
        "id": name,
        "url": url,
        "name": pascal(name),
        "title": title,
        "status": "active",
        "experimental": False,
        "caseSensitive": True,
        "content": "complete",
        "count": len(by_code),
        "concept": list(reversed(by_code.values())),
    }


def _concept(code: str, labels: Labels | None) -> Resource:
    if labels is None:
        return {"code": code}
    others = [{"language": name, "value": getattr(labels, name)} for name in ("fr", "nl", "de")]
    return {"code": code, "display": labels.en, "designation": others}


def _weighted(code: str, labels: Labels | None, value: Any) -> Resource:
    return {**_concept(code, labels), "extension": weights(value)[1:]}


def _cards(definitions: Iterable[Instrument | Form]) -> Iterator[Resource]:
    for each in definitions:
        if isinstance(each, Instrument):
            yield from (_concept(card.code, label_of(each, card.labels)) for card in each.cards)


def _scores(definitions: Iterable[Instrument | Form]) -> Iterator[Resource]:
    yield from (_concept(*each) for each in COUNTS.items())
    for each in definitions:
        if isinstance(each, Form):
            yield from (
                _concept(score_code(each.code, scale.code), label_of(each, scale.labels)) for scale in each.scales
            )
            continue
        for one in each.scales:
            yield _concept(score_code(each.code, one.code), one.flagged_labels)
            yield from (_concept(score_code(each.code, one.code, group.code), group.labels) for group in each.groups)


def _options(form: Form) -> Iterator[Resource]:
    for item in form.items:
        for option in item.options:
            words = label_of(form, option.labels)
            yield _weighted(option_code(item.code, option), words, float(option.value))


def score_code(instrument: str, *parts: str) -> str:
    """The code of a scale, or of a group of a scale, in our code system of scores."""
    return ".".join((instrument, *parts))
