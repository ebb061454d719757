"""The made-up directory of `make run` and `make demo`: a few organisations, services and a programme around Liège."""

from collections.abc import Mapping
from typing import Any

import httpx

LIEGE, SERAING, HERSTAL, SAINT_NICOLAS, FLEMALLE, SPA, VERVIERS = (
    "62063",
    "62096",
    "62051",
    "62093",
    "62120",
    "63072",
    "63079",
)
AROUND = [LIEGE, SERAING, HERSTAL, SAINT_NICOLAS, FLEMALLE]

ORGANISATIONS: Mapping[str, Mapping[str, Any]] = {
    "maison-medicale": {
        "name": "Maison médicale du Quai (fictive)",
        "kind": "health-centre",
        "languages": ["fr"],
        "mission": "Soins de première ligne au forfait, accueil social.",
    },
    "aide-familiale": {
        "name": "Aide familiale des Coteaux (fictive)",
        "kind": "home-care",
        "languages": ["fr", "de"],
        "mission": "Aides familiales, aides ménagères et gardes à domicile.",
    },
    "cafe-voisins": {
        "name": "Le Café des voisins (fictif)",
        "kind": "local-initiative",
        "languages": ["fr"],
        "mission": "Un lieu de rencontre de quartier tenu par des bénévoles.",
    },
}

PROGRAMMES: Mapping[str, Mapping[str, Any]] = {
    "relais": {
        "name": "Programme Relais",
        "run_by": "relais",
        "communes": AROUND,
        "criteria": "Adultes vivant avec une maladie chronique dont la situation est complexe, quel que soit l'âge.",
    },
    "souffle": {
        "name": "Programme Souffle (fictif)",
        "run_by": "maison-medicale",
        "communes": [LIEGE, SAINT_NICOLAS],
        "criteria": "Accompagnement après une hospitalisation pour une maladie respiratoire.",
        "category_limited": True,
        "category": "Personnes vivant avec une BPCO",
    },
}

SERVICES: tuple[tuple[Mapping[str, Any], str | None], ...] = (
    (
        {
            "organisation": "centre",
            "code": "coordination",
            "name": "Coordination des soins à domicile",
            "mission": "Organise et suit les passages des soignants à domicile.",
            "domains": ["physical_health", "treatment", "self_care"],
            "communes": [*AROUND, VERVIERS, SPA],
            "languages": ["fr", "de", "nl"],
            "cost": {"kind": "free"},
        },
        "available",
    ),
    (
        {
            "organisation": "aide-familiale",
            "code": "aide-menagere",
            "name": "Aide ménagère",
            "mission": "Entretien du logement des personnes âgées ou malades.",
            "domains": ["housework"],
            "communes": AROUND,
            "languages": ["fr"],
            "cost": {"kind": "co-payment", "note": "selon les revenus"},
        },
        "waiting-list",
    ),
    (
        {
            "organisation": "aide-familiale",
            "code": "repas",
            "name": "Repas à domicile",
            "mission": "Un repas chaud par jour, du lundi au samedi.",
            "domains": ["food"],
            "communes": [LIEGE, SERAING],
            "languages": ["fr", "de"],
            "cost": {"kind": "paid", "note": "par repas"},
        },
        "available",
    ),
    (
        {
            "organisation": "maison-medicale",
            "code": "permanence-sociale",
            "name": "Permanence sociale",
            "mission": "Aide aux démarches: mutuelle, allocations, dettes.",
            "domains": ["administrative_tasks", "finances", "living_place"],
            "programme": "relais",
            "communes": [LIEGE, SAINT_NICOLAS],
            "languages": ["fr"],
            "cost": {"kind": "free"},
        },
        "assessment-needed",
    ),
    (
        {
            "organisation": "maison-medicale",
            "code": "souffle",
            "name": "Consultations Souffle",
            "mission": "Rééducation et suivi à domicile après une hospitalisation.",
            "domains": ["physical_health"],
            "programme": "souffle",
            "communes": [LIEGE, SAINT_NICOLAS],
            "languages": ["fr", "nl"],
            "cost": {"kind": "free"},
        },
        "full",
    ),
    (
        {
            "organisation": "cafe-voisins",
            "code": "rencontres",
            "name": "Après-midi entre voisins",
            "mission": "Jeux, lecture et café deux fois par semaine.",
            "domains": ["friendship", "leisure"],
            "communes": [],
            "postal_codes": ["4000", "4020"],
            "languages": ["fr"],
            "cost": {"kind": "free"},
        },
        "available",
    ),
    (
        {
            "organisation": "partner-other",
            "code": "pairs-aidants",
            "name": "Pairs-aidants",
            "mission": "Des personnes qui vivent avec une maladie chronique en écoutent d'autres.",
            "domains": ["mental_health", "family", "treatment"],
            "whole_region": True,
            "languages": ["fr", "nl", "de"],
            "cost": {"kind": "free"},
        },
        None,
    ),
)


async def register_directory(client: httpx.AsyncClient, bearer: Mapping[str, str]) -> None:
    """Register what is missing, through the directory's own door; what is there already is left as it is."""
    base = "/referrals/directory"
    for code, organisation in ORGANISATIONS.items():
        await put_once(client, f"{base}/organisations/{code}", organisation, bearer)
    for code, programme in PROGRAMMES.items():
        await put_once(client, f"/referrals/programmes/{code}", programme, bearer)
    for service, room in SERVICES:
        made = await client.post(f"{base}/services", json=service, headers=bearer)
        if made.status_code == 409:
            continue
        made.raise_for_status()
        if room:
            seen = {**bearer, "if-match": made.headers["etag"]}
            told = await client.post(f"{made.headers['location']}/capacity", json={"state": room}, headers=seen)
            told.raise_for_status()


async def put_once(client: httpx.AsyncClient, path: str, body: Mapping[str, Any], bearer: Mapping[str, str]) -> None:
    """Put something where nothing is yet."""
    if (await client.get(path, headers=bearer)).status_code == 404:
        (await client.put(path, json=body, headers=bearer)).raise_for_status()
