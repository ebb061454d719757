"""The topic model on made-up French notes: planted themes come back, the same ones each time, and no name with them."""

import random
from collections.abc import Callable, Iterable
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.domain.name import plain
from services.intake.domain.topic_corpus import LEAST, Bags, Corpus, Note, plain_word, stem_of, words_of
from services.intake.domain.topic_model import LEAST_NOTES, Fitted, TooFewNotes, fit, place, vocabulary
from services.intake.domain.topic_number import themes_in
from tests.intake.topics.notes import FAMILY, GIVEN, PLANTED, notes

STEMS = {theme: {stem_of(plain_word(word)) for word in told.split()} for theme, (_, told) in PLANTED.items()}


def read(these: Iterable[Note], names: Iterable[str] = ()) -> Bags:
    """The bags of these notes."""
    corpus = Corpus()
    corpus.shun(names)
    for note in these:
        corpus.add(note)
    return corpus.bags()


def themes_of(fitted: Fitted) -> list[str]:
    """Which planted theme at least eight of ten terms of each topic belong to, `-` where none."""
    found = []
    for theme in fitted.themes:
        stems = {stem_of(plain_word(term)) for term in theme.terms}
        found.append(next((name for name, planted in STEMS.items() if len(planted & stems) >= 8), "-"))
    return found


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    """The model of 5,000 notes, its number of topics its own choice."""
    return fit(read(notes(5_000)))


def test_planted_themes_are_the_first_three(fitted: Fitted) -> None:
    assert themes_of(fitted)[:3] == ["housing", "money", "transport"]
    assert len(fitted.themes) == len(PLANTED)
    assert fitted.coherence > 0.7


@pytest.mark.parametrize("seed", [1, 2])
def test_other_notes_and_another_seed_bring_the_planted_themes_first_too(seed: int) -> None:
    told = fit(read(notes(5_000, seed)), seed=seed)
    assert themes_of(told)[:3] == ["housing", "money", "transport"]
    assert sorted(themes_of(told)) == sorted(PLANTED)


def test_topics_whose_words_go_together_are_one_theme_and_others_are_not() -> None:
    home, money = ("bail", "loyer", "toit", "cave"), ("dette", "facture", "banque", "budget")
    halves = [home[:2], money[:2], home[2:], money[2:]]
    documents = [list(words) for words in (home, money) for _ in range(20)]
    assert {frozenset(theme) for theme in themes_in(halves, documents)} == {frozenset(home), frozenset(money)}
    apart = [list(words) for words in halves for _ in range(20)]
    assert themes_in(halves, apart) == halves


def test_words_that_never_meet_are_no_theme() -> None:
    told = [("bail", "loyer"), ("dette", "banque")]
    assert themes_in(told, [["bail", "loyer"], ["dette"], ["banque"], ["taxi"]]) == told[:1]


def test_the_same_topic_twice_is_one_theme() -> None:
    home = ("bail", "loyer", "toit")
    documents = [["bail", "loyer"], ["toit", "bail"], ["loyer", "toit"], *[["taxi"]] * 5]
    assert themes_in([home, home[::-1]], documents) == [home]


def test_each_note_stands_in_one_topic(fitted: Fitted) -> None:
    assert sum(theme.documents for theme in fitted.themes) == len(fitted.placed.notes) == 5_000


def test_the_same_notes_give_the_same_model_however_they_are_stored() -> None:
    these = list(notes(400))
    one = fit(read(these), topics=4)
    random.Random(2).shuffle(these)
    two = fit(read(these), topics=4)
    assert (one.themes, one.coherence, one.placed) == (two.themes, two.coherence, two.placed)


def test_another_seed_gives_another_model() -> None:
    bags = read(notes(400))
    assert fit(bags, topics=8, seed=1).stored != fit(bags, topics=8, seed=100).stored


def test_new_notes_find_the_topics_of_the_model_in_whatever_order(fitted: Fitted) -> None:
    def placed(these: Iterable[Note]) -> dict[UUID, int | None]:
        corpus = Corpus(vocabulary(fitted.stored))
        for note in these:
            corpus.add(note)
        return dict(place(fitted.stored, corpus.bags()).notes)

    new = [
        Note(UUID(int=1), uuid4(), "Le loyer est trop cher, bail résilié, expulsion et logement insalubre"),
        Note(UUID(int=2), uuid4(), "Dettes, factures, courrier de la banque, dossier au CPAS"),
        Note(UUID(int=3), uuid4(), "Le taxi, le chauffeur et le trajet vers la gare en voiture"),
        Note(UUID(int=4), uuid4(), "Xyzzy plugh"),
    ]
    first = placed(new)
    assert [first[UUID(int=number)] for number in (1, 2, 3)] == [theme.number for theme in fitted.themes[:3]]
    assert first[UUID(int=4)] is None
    assert placed(reversed(new)) == first


def test_too_few_notes_give_no_model() -> None:
    with pytest.raises(TooFewNotes):
        fit(read(notes(LEAST_NOTES - 1)))
    with pytest.raises(TooFewNotes):
        fit(read(Note(uuid4(), uuid4(), "Bonjour madame, le 12/03") for _ in range(LEAST_NOTES)))


def test_nobody_can_be_known_by_the_terms(fitted: Fitted) -> None:
    terms = {plain(term) for theme in fitted.themes for term in theme.terms}
    assert terms.isdisjoint(plain(name) for name in (*FAMILY, *GIVEN))
    assert not any(sign.isdigit() or sign == "@" for term in terms for sign in term)
    stored = {plain(stem) for stem in vocabulary(fitted.stored)}
    assert stored.isdisjoint(stem_of(plain_word(name)) for name in (*FAMILY, *GIVEN))


NAME = st.text("abcdefghilmnoprstuvéèç", min_size=3, max_size=12)
FRAMES = (
    "le logement de {name} est humide et {name} attend",
    "{name} attend un logement humide",
    "M. {name}, logement humide",
    "logement humide pour l'oncle {name}",
)


@settings(max_examples=60)
@given(NAME, NAME, st.sampled_from(FRAMES), st.sampled_from([str.lower, str.title, str.upper]))
def test_no_name_of_the_index_is_read_however_it_is_written(
    family: str, given_name: str, frame: str, write: Callable[[str], str]
) -> None:
    told = frame.format(name=write(f"{given_name} {family}"))
    held, others = ([Note(uuid4(), uuid4(), text) for _ in range(2 * LEAST)] for text in (told, "chauffage cassé"))
    bags = read([*held, *others], [f"{family} {given_name}"])
    assert "chauffage" in bags.written
    assert {plain_word(each) for each in bags.written}.isdisjoint({plain_word(family), plain_word(given_name)})


@settings(max_examples=60)
@given(st.integers(0, 12), st.integers(1, 12))
def test_a_word_needs_five_contacts_of_five_people(contacts: int, people: int) -> None:
    held = [Note(uuid4(), UUID(int=number % people), "mot zanzibar logement") for number in range(contacts)]
    others = [Note(uuid4(), uuid4(), "chauffage humide") for _ in range(20)]
    enough = contacts >= LEAST and min(people, contacts) >= LEAST
    assert ("zanzibar" in read([*held, *others]).written) is enough


def test_what_is_written_as_a_name_is_none_of_the_words() -> None:
    told = [
        "Logement humide à Froidchapelle chez Brunehilde",
        "Vu avec Mme Desmarais: logement humide. Tel 0470/12.34.56, desmarais@example.org, NISS 85.07.30-033.28",
        "vu avec madame desmarais, le cpas et le CPAS",
    ]
    written = {word.written for line in told for word in words_of(line)}
    assert not written & {"desmarais", "example", "org"}
    places = [Note(uuid4(), uuid4(), line) for line in (told[0], "Chauffage cassé", "Taxi") for _ in range(8)]
    assert set(read(places).written) == {"logement", "humide", "chauffage", "cassé", "taxi"}


def test_accents_endings_and_elisions_do_not_count() -> None:
    stems = {word.stem for word in words_of("L'hôpital, d’hopitaux; hospitalisée hospitalisé hospitalisées")}
    assert stems == {"hopital", "hospitalis"}
