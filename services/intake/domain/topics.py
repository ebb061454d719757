"""What contacts are about: a fixed tree of codes, `root` or `root.leaf`. The need domains are the ELADEB cards."""

from collections.abc import Iterable, Mapping

TREE: Mapping[str, tuple[str, ...]] = {
    "care": (
        "appointments",
        "discharge",
        "equipment",
        "medication",
        "nursing",
        "prevention",
        "symptoms",
    ),
    "rights": (
        "allowances",
        "complaint",
        "disability",
        "health-insurance",
        "property-administrator",
        "representation",
        "work",
    ),
    "services": (
        "home-help",
        "housing",
        "meals",
        "patient-association",
        "respite",
        "residential-care",
        "social-work",
        "transport",
    ),
    "need": (
        "living_place",
        "finances",
        "work",
        "law_justice",
        "leisure",
        "administrative_tasks",
        "housework",
        "transport",
        "public_places",
        "friendship",
        "family",
        "children",
        "intimate_relationships",
        "food",
        "self_care",
        "physical_health",
        "mental_health",
        "addiction",
        "treatment",
        "spirituality",
        "sexuality",
    ),
}
SENSITIVE = frozenset(f"need.{card}" for card in ("addiction", "law_justice", "mental_health", "sexuality"))
TOPICS = frozenset(TREE) | {f"{root}.{leaf}" for root, leaves in TREE.items() for leaf in leaves}


def told(topics: Iterable[str]) -> list[str]:
    """The topics as others may hear them: of a sensitive one only its root, for the leaf alone is health data."""
    return list(dict.fromkeys(topic.partition(".")[0] if topic in SENSITIVE else topic for topic in topics))


def with_roots(topics: Iterable[str]) -> list[str]:
    """The topics and their roots, each once."""
    return list(dict.fromkeys(name for topic in topics for name in (topic, topic.partition(".")[0])))
