"""Made-up call notes in French: three large themes, five small ones, noise words, and names that must not come back."""

import random
from collections.abc import Iterator
from uuid import UUID

from services.intake.domain.topic_corpus import Note

PLANTED: dict[str, tuple[float, str]] = {
    "housing": (
        0.26,
        "logement loyer propriétaire appartement bail expulsion humidité chauffage déménagement garantie locative"
        " escaliers ascenseur chambre toiture insalubre habitation",
    ),
    "money": (
        0.22,
        "factures dettes courrier formulaire CPAS administration revenus allocation impôts banque médiation budget"
        " paiement dossier mutuelle pension",
    ),
    "transport": (
        0.18,
        "transport trajet ambulance taxi voiture bus chauffeur véhicule déplacement conduire gare navette"
        " kilomètres remboursement accompagnement retour",
    ),
    "wound": (0.08, "plaie pansement infirmière cicatrisation infection désinfecter escarre bandage"),
    "pills": (0.08, "médicaments pilulier ordonnance pharmacie dosage comprimés insuline traitement"),
    "meals": (0.06, "repas cuisine livraison courses régime appétit menu traiteur"),
    "lonely": (0.06, "solitude isolement visites bénévole dépression tristesse activités club"),
    "falls": (0.06, "chute déambulateur équilibre kinésithérapeute hanche béquilles marche rééducation"),
}
NOISE = [
    "rendez-vous",
    "hôpital",
    "sortie",
    "suivi",
    "domicile",
    "aide",
    "attente",
    "service",
    "situation",
    "problème",
    "maison",
    "téléphone",
]
OPENINGS = (
    "Appel de Mme {name} au sujet de {a} et {b}.",
    "La fille de M. {name} appelle : {a}, {b}.",
    "Madame {given} {name} explique que {a} pose problème, ainsi que {b}.",
    "Monsieur s'inquiète pour l'{a} ; il n'a plus de {b}.",
    "Rappel du {phone} : question concernant {a} et {b}.",
)
MIDDLES = (
    "Il y a aussi {a}, {b} et {c}.",
    "Elle signale {a} depuis le 12/03/2026, puis {b}; {c}.",
    "{A} et {b} à revoir avec {name}, voir {c} (NISS 85.07.30-033.28).",
    "Écrire à {given}.{name}@example.org pour {a}, {b} et {c}.",
)
FAMILY = [
    "Vandervelde",
    "Dujardin",
    "Kowalczyk",
    "Benali",
    "Mancini",
    "Haddadou",
    "Ngoma",
    "Pirotte",
    "Schmitz",
    "Lefebvrier",
]
GIVEN = ["Odile", "Marcelline", "Fatoumata", "Giuseppina", "Zbigniew", "Noureddine", "Ghislaine", "Théodule"]


def notes(number: int, seed: int = 5) -> Iterator[Note]:
    """So many notes, always the same ones for a seed, each of another person."""
    chance = random.Random(seed)
    words = {theme: told.split() for theme, (_, told) in PLANTED.items()}
    weights = [share for share, _ in PLANTED.values()]
    for _ in range(number):
        theme = chance.choices(list(PLANTED), weights)[0]
        text = written(chance, words[theme], chance.choice(list(words.values())))
        yield Note(UUID(int=chance.getrandbits(128)), UUID(int=chance.getrandbits(128)), text)


def written(chance: random.Random, own: list[str], other: list[str]) -> str:
    """One note: mostly of its own theme, a little of another, and words of every call."""
    people = {
        "name": chance.choice(FAMILY),
        "given": chance.choice(GIVEN),
        "phone": f"04{chance.randrange(10**8):08}",
    }

    def filled(frame: str, pool: list[str]) -> str:
        a, b, c = chance.sample(pool, 3)
        return frame.format(a=a, b=b, c=c, A=a.capitalize(), **people)

    parts = [filled(chance.choice(OPENINGS), own), filled(chance.choice(MIDDLES), own)]
    if chance.random() < 0.6:
        parts.append(filled(chance.choice(MIDDLES), own))
    if chance.random() < 0.3:
        parts.append(filled(chance.choice(MIDDLES), other))
    parts.append(" ".join(chance.sample(NOISE, 4)))
    return " ".join(parts)
