"""The words of a notice by e-mail: that something waits, in the organisation's languages, and nothing of what it is."""

from collections.abc import Mapping, Sequence

SUBJECTS: Mapping[str, str] = {
    "fr": "Relais : un message vous attend",
    "nl": "Relais: er wacht een bericht op u",
    "de": "Relais: Eine Nachricht wartet auf Sie",
    "en": "Relais: something is waiting for you",
}
WORDS: Mapping[str, str] = {
    "fr": "Un message vous attend dans Relais. Pour le lire, connectez-vous :",
    "nl": "Er wacht een bericht op u in Relais. Meld u aan om het te lezen:",
    "de": "In Relais wartet eine Nachricht auf Sie. Bitte melden Sie sich an, um sie zu lesen:",
    "en": "Something is waiting for you in Relais. Please sign in to read it:",
}


def notice(languages: Sequence[str], link: str) -> tuple[str, str]:
    """Subject and text, in those of the languages that we speak, else in French, Dutch and German."""
    spoken = [language for language in languages if language in WORDS] or ["fr", "nl", "de"]
    return SUBJECTS[spoken[0]], "\n\n".join(f"{WORDS[language]}\n{link}" for language in spoken) + "\n"
