"""Secrets that anybody can read, here or in a manual: production refuses to start with one of them.

Whoever writes a secret into a file of this repository, be it a test or an example, adds it to `KNOWN`.
"""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

KNOWN = frozenset(
    {
        # of this repository: tests, journeys, demonstrations
        "a key for tests",
        "a key for tests that is long enough",
        "a key for journeys",
        "a key for journeys long enough to be one",
        # base64 of the development key of values at rest (shared.encryption.keys)
        "a25vd24gdg8gzxzlcnlib2r5oibubybyzwfsigrhdge=",
        "relais_demo_secret",
        "relais_demo_password",
        # of examples and of parts of ours as they are delivered
        *("admin", "change-me", "change-this", "changeit", "changeme", "default", "demo", "dev", "development"),
        *("example", "keycloak", "letmein", "none", "pass", "password", "placeholder", "postgres", "qwerty"),
        *("relais", "replace-me", "root", "secret", "smtp", "test", "todo", "user", "welcome"),
    }
)
FEWEST = 5
"""Different characters that a secret has at least: `000000...` is as well known as any."""


def is_known(written: str) -> bool:
    """Whether a setting holds a secret that anybody knows: all of it, a URL's password, or one of several keys."""
    return any(_is_guessed(part) for part in _parts(written) if part)


def _is_guessed(secret: str) -> bool:
    plain = secret.strip().lower().strip("<>${}")
    return plain in KNOWN or plain.replace("_", "-") in KNOWN or len(set(plain)) < FEWEST


def _parts(written: str) -> Iterator[str]:
    if "://" in written:
        # Without a password the database knows the role by its certificate or its socket.
        url = urlsplit(written)
        password = unquote(url.password or "")
        yield "password" if password and password == url.username else password
        return
    yield written
    pairs = written.replace(",", " ").split()
    for pair in pairs if all(":" in each for each in pairs) else written.split(","):
        yield pair.partition(":")[2]
