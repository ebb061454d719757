"""Made-up people of the demonstration: no name, number or address belongs to anybody."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

CARDS = (
    *("living_place", "finances", "work", "law_justice"),
    *("leisure", "administrative_tasks", "housework", "transport", "public_places"),
    *("friendship", "family", "children", "intimate_relationships"),
    *("food", "self_care", "physical_health", "mental_health", "addiction", "treatment", "spirituality"),
)


def answers(difficulties: str, needs: str) -> dict[str, Any]:
    """A compact ELADEB-R sheet from two rows of twenty digits in the order of the cards."""
    return {
        card: {"difficulty": int(difficulty), "need": int(need), "sources": ["P"] if int(need) else []}
        for card, difficulty, need in zip(CARDS, difficulties, needs, strict=True)
    }


def referral(
    number: str, person: Mapping[str, Any], filled: Mapping[str, Any], on: date, **more: Any
) -> dict[str, Any]:
    """A hospital's push about one of them."""
    return {
        "identifier": {"system": "urn:example:chu:referrals", "value": number},
        "person": {"language": "fr", **person},
        "reason": {"text": "Retour à domicile à préparer.", "factors": more.pop("factors", [])},
        "stay": {
            "admitted_on": (on - timedelta(days=20)).isoformat(),
            "discharge_on": on.isoformat(),
            "unplanned": True,
            "ward": "Médecine interne",
        },
        "consent": {"given": True, "kind": "oral", "by": "person", "on": on.isoformat()},
        "sheets": [
            {
                "identifier": f"eladeb-{number}",
                "instrument": "eladeb-r",
                "edition": "2011",
                "filled_on": on.isoformat(),
                "rater": "self",
                "language": "fr",
                "answers": filled,
            }
        ],
        **more,
    }


ODETTE: Mapping[str, Any] = {
    "hospital_number": "DEMO-1001",
    "family_name": "Lambermont",
    "given_names": "Odette",
    "birth_date": "1947-03-21",
    "gender": "female",
    "address": {"street": "Rue des Tilleuls", "house_number": "8", "postal_code": "4020", "city": "Liège"},
    "relatives": [{"name": "Anne Lambermont", "relation": "fille"}],
}
MARCEL: Mapping[str, Any] = {
    "hospital_number": "DEMO-1002",
    "family_name": "Van den Bosch",
    "given_names": "Marcel",
    "birth_date": "1953-11-02",
    "gender": "male",
}
FATIMA: Mapping[str, Any] = {
    "hospital_number": "DEMO-1003",
    "family_name": "El Amrani",
    "given_names": "Fatima",
    "birth_date": "1961-06-14",
    "gender": "female",
}
HEAVY = answers("23012322110001113020", "23001322010001112020")
LIGHT = answers("00001100000000010000", "00000000000000010000")


def plan_for(organisations: Sequence[str], due: date) -> dict[str, Any]:
    """A plan that is written with a person: three tasks, one for the line, one for a partner."""
    line, partner = organisations
    return {
        "goals": [{"text": "Rester chez elle en sécurité.", "domain": "living_place"}],
        "needs": [{"text": "Aide pour les papiers de la mutualité.", "domain": "administrative_tasks"}],
        "resources": [{"text": "Sa fille passe deux fois par semaine.", "domain": "family"}],
        "tasks": [
            {
                "title": "Demander l'aide familiale",
                "domain": "housework",
                "organisation": partner,
                "assignee": "partner",
                "due_on": due.isoformat(),
            },
            {
                "title": "Rassembler les papiers pour l'allocation",
                "domain": "administrative_tasks",
                "organisation": line,
                "assignee": "line",
                "due_on": due.isoformat(),
            },
            {
                "title": "Organiser le transport vers l'hôpital de jour",
                "domain": "transport",
                "organisation": line,
                "assignee": "case-manager",
                "due_on": due.isoformat(),
            },
        ],
        "person_words": "Je veux rester dans ma maison, avec un peu d'aide pour les papiers et le ménage.",
    }
