"""The topic model: latent Dirichlet allocation by Gibbs sampling (Griffiths and Steyvers 2004), seeded, on one core.

The same notes and the same seed give the same model, in whatever order the notes are stored. The library is loaded
at its first use: only the process that fits pays for it.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol
from uuid import UUID

from services.intake.domain.topic_corpus import Bags
from services.intake.domain.topic_number import Words, themes_in
from shared.errors import DomainError

SEED = 20_240_101
LEAST_NOTES = 50
"""Notes with words that count, under which nothing is fitted."""
MOST_THEMES, LEAST_THEMES = 16, 2
"""Topics of the model in which themes are looked for where no number is given, and how many there are at least."""
SAMPLE = 3_000
"""Notes in which they are looked for, about."""
MANY = 20_000
"""Notes from which on sampling is long enough to begin less often."""
STARTS, STARTS_OF_MANY, SAMPLE_STARTS = 4, 3, 4
"""Gibbs sampling can settle badly: of so many beginnings the likeliest end is kept."""
ITERATIONS, SAMPLE_ITERATIONS, PLACING_ITERATIONS = 150, 100, 100
PER_STEP = 10
TERMS = 10
ALPHA, ETA, NAMED = 0.1, 0.01, 1.0
"""Priors of the shares of topics and of words; that of a word in the theme of which it is known to be."""
AT_ONCE = 1_000
"""Notes that are placed on a model together."""

Progress = Callable[[float], None]


class TooFewNotes(DomainError):
    """There are too few notes for a topic model."""


class Lda(Protocol):
    """What is used of the library's model."""

    optim_interval: int

    @property
    def docs(self) -> Sequence["Document"]:
        """The documents that it was fitted on, in their order."""
        ...

    @property
    def ll_per_word(self) -> float:
        """The logarithm of the joint likelihood, by word."""
        ...

    def add_doc(self, words: Sequence[str]) -> int | None:
        """One document more."""
        ...

    def set_word_prior(self, word: str, prior: Sequence[float]) -> None:
        """How likely a word is to begin in each topic."""
        ...

    def make_doc(self, words: Sequence[str]) -> "Document":
        """A document that is not the model's."""
        ...

    def train(self, iterations: int, workers: int) -> None:
        """Sample."""
        ...

    def infer(
        self, doc: Sequence["Document"], iterations: int, workers: int
    ) -> tuple[Sequence[Sequence[float]], object]:
        """The topics of documents that are not the model's."""
        ...

    def get_topic_words(self, topic_id: int, top_n: int) -> Sequence[tuple[str, float]]:
        """The strongest words of a topic."""
        ...

    def saves(self, full: bool) -> bytes:
        """The model; without its documents if not `full`."""
        ...


class Document(Protocol):
    """What is used of the library's document."""

    def get_topic_dist(self) -> Sequence[float]:
        """The share of each topic."""
        ...


@dataclass(frozen=True)
class Theme:
    """A topic of a model. `number` is its place in the model; `terms` are the strongest first, as they are written."""

    number: int
    terms: tuple[str, ...]
    documents: int
    coherence: float


@dataclass(frozen=True)
class Placed:
    """Where notes stand: their strongest topic's number, None for a note without a word that counts."""

    notes: tuple[tuple[UUID, int | None], ...]


@dataclass(frozen=True)
class Fitted:
    """A model with what it was fitted on. `themes` begin with the one of most notes; `coherence` is c_v, 0 to 1."""

    seed: int
    themes: tuple[Theme, ...]
    coherence: float
    words: int
    placed: Placed
    stored: bytes


@dataclass(frozen=True)
class Plan:
    """How many topics, and the words with which each begins; none where nothing is known of them."""

    topics: int
    themes: tuple[Words, ...] = ()


def library() -> ModuleType:
    """The library, loaded at its first use; its compiled types lack a module's name, which Python would warn of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import tomotopy.coherence  # type: ignore[import-untyped]
    loaded: ModuleType = tomotopy
    return loaded


def fit(bags: Bags, topics: int | None = None, seed: int = SEED, progress: Progress = lambda _: None) -> Fitted:
    """Fit so many topics, or as many as there are themes. Raises TooFewNotes."""
    refuse_too_few(bags)
    documents = [[bags.stems[each] for each in ids] for _, ids in bags.documents]
    plan = Plan(topics) if topics else choose(documents, seed)
    k = plan.topics
    starts = STARTS if len(documents) < MANY else STARTS_OF_MANY
    model = likeliest(documents, plan, range(seed, seed + starts), ITERATIONS, progress)
    strongest = [top(document.get_topic_dist()) for document in model.docs]
    written = dict(zip(bags.stems, bags.written, strict=True))
    whole, each = coherence(model, k)
    themes = [
        Theme(
            number=number,
            terms=tuple(written[stem] for stem, _ in model.get_topic_words(number, top_n=TERMS)),
            documents=strongest.count(number),
            coherence=each[number],
        )
        for number in range(k)
    ]
    placed = [(contact_id, number) for (contact_id, _), number in zip(bags.documents, strongest, strict=True)]
    return Fitted(
        seed=seed,
        themes=tuple(sorted(themes, key=lambda theme: (-theme.documents, theme.terms))),
        coherence=whole,
        words=len(bags.stems),
        placed=Placed((*placed, *((contact_id, None) for contact_id in bags.empty))),
        stored=model.saves(full=False),
    )


def refuse_too_few(bags: Bags) -> None:
    """Raise TooFewNotes when too few notes hold words that count, or too few words do."""
    if len(bags.documents) < LEAST_NOTES or len(bags.stems) < TERMS:
        raise TooFewNotes(facts={"notes": len(bags.documents), "least": LEAST_NOTES})


def choose(documents: Sequence[Sequence[str]], seed: int) -> Plan:
    """As many topics as there are themes in an even sample of the notes, with the words to begin them.

    The likelihood does not tell how many: sampling splits a large theme rather than part two small ones. So too many
    topics are fitted, and those that are one theme are joined.
    """
    sample = documents[:: -(-len(documents) // SAMPLE)]
    model = likeliest(sample, Plan(MOST_THEMES), range(seed, seed + SAMPLE_STARTS), SAMPLE_ITERATIONS)
    used = {top(document.get_topic_dist()) for document in model.docs}
    terms = [tuple(word for word, _ in model.get_topic_words(number, top_n=TERMS)) for number in sorted(used)]
    themes = themes_in(terms, sample)
    return Plan(len(themes), tuple(themes)) if len(themes) >= LEAST_THEMES else Plan(LEAST_THEMES)


def likeliest(
    documents: Sequence[Sequence[str]], plan: Plan, seeds: range, iterations: int, progress: Progress = lambda _: None
) -> Lda:
    """Of the models of these documents from several seeds the likeliest; no more than two are held at a time."""
    best: Lda | None = None
    for start, seed in enumerate(seeds):
        model = began(documents, plan, seed)
        for done in range(0, iterations, PER_STEP):
            model.train(PER_STEP, workers=1)
            progress((start + (done + PER_STEP) / iterations) / len(seeds))
        if best is None or model.ll_per_word > best.ll_per_word:
            best = model
    assert best is not None
    return best


def began(documents: Sequence[Sequence[str]], plan: Plan, seed: int) -> Lda:
    """A model that is not trained yet. Words weigh by how few notes hold them; the shares of topics are not learned,
    else one large topic swallows small ones.
    """
    tomotopy = library()
    model: Lda = tomotopy.LDAModel(k=plan.topics, seed=seed, alpha=ALPHA, eta=ETA, tw=tomotopy.TermWeight.IDF)
    model.optim_interval = 0
    for document in documents:
        model.add_doc(document)
    for word in sorted({word for theme in plan.themes for word in theme}):
        model.set_word_prior(word, [NAMED if word in theme else ETA for theme in plan.themes])
    return model


def coherence(model: Lda, k: int) -> tuple[float, list[float]]:
    """How well the strongest words of topics go together, of all and of each: c_v (Roeder, Both and Hinneburg 2015)."""
    measure = library().coherence.Coherence(model, coherence="c_v", top_n=TERMS)
    each = [round(float(measure.get_score(topic_id=number)), 4) for number in range(k)]
    return round(sum(each) / k, 4), each


def top(shares: Sequence[float]) -> int:
    """The strongest topic; of equals the first."""
    return max(range(len(shares)), key=lambda number: shares[number])


def vocabulary(stored: bytes) -> frozenset[str]:
    """The stems that a stored model knows."""
    return frozenset(library().LDAModel.loads(stored).used_vocabs)


def place(stored: bytes, bags: Bags) -> Placed:
    """The strongest topic of new notes on a stored model, which stays as it is."""
    found: list[tuple[UUID, int | None]] = [(contact_id, None) for contact_id in bags.empty]
    for group in groups(bags):
        model = restored(stored)
        made = [model.make_doc([bags.stems[each] for each in ids]) for _, ids in group]
        shares, _ = model.infer(made, iterations=PLACING_ITERATIONS, workers=1)
        found += [(contact_id, top(share)) for (contact_id, _), share in zip(group, shares, strict=True)]
    return Placed(tuple(found))


def restored(stored: bytes) -> Lda:
    """A stored model, at the beginning of its own chance: what was placed before must not matter."""
    model: Lda = library().LDAModel.loads(stored)
    return model


def groups(bags: Bags) -> Iterator[Sequence[tuple[UUID, Sequence[int]]]]:
    """The documents, so many at a time."""
    for begin in range(0, len(bags.documents), AT_ONCE):
        yield bags.documents[begin : begin + AT_ONCE]
