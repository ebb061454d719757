"""Made-up people and pushes, new ones each time."""

import itertools
from typing import Any
from uuid import uuid4

from shared.local import demo_people as people
from shared.local.road import today

_number = itertools.count(1)
SYLLABLES = ("ba", "do", "fe", "gu", "ka", "lo", "mi", "nu", "pa", "ro", "sa", "tu", "ve", "zi")


def a_name() -> str:
    """A name that nobody has, far from every other one."""
    digits = uuid4().int
    return "".join(SYLLABLES[(digits >> (4 * place)) % len(SYLLABLES)] for place in range(6)).title()


def a_person() -> dict[str, Any]:
    """Somebody new."""
    born = f"19{40 + uuid4().int % 50:02d}-{1 + uuid4().int % 12:02d}-{1 + uuid4().int % 28:02d}"
    number = f"H-{uuid4().hex[:10]}"
    return {"hospital_number": number, "family_name": a_name(), "given_names": a_name(), "birth_date": born}


def a_push(filled: dict[str, Any], person: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A push under a new identifier."""
    return people.referral(f"J-{next(_number)}-{uuid4().hex[:6]}", person or a_person(), filled, today(), **more)
