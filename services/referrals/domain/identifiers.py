"""Belgian identifiers: the person's NISS or BIS, an enterprise's CBE, a practitioner's NIHDI.

NISS and CBE are strict: check digits tell a slip of the pen from a number. The check formula of NIHDI is not
published with certainty, so its shape is strict and its check digits only warn.
"""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from stdnum.be import ssn, vat
from stdnum.exceptions import ValidationError as NumberError

NIHDI_CHECK_DIGITS = "nihdi-check-digits"

_NISS = re.compile(r"[0-9]{2}[. -]?[0-9]{2}[. -]?[0-9]{2}[. -]?[0-9]{3}[. -]?[0-9]{2}")
_CBE = re.compile(r"(?:BE ?)?([01][0-9]{3})[. ]?([0-9]{3})[. ]?([0-9]{3})")
_NIHDI = re.compile(r"([0-9])[-./ ]?([0-9]{5})[-./ ]?([0-9]{2})[-./ ]?([0-9]{3})")


def valid_niss(value: str) -> str:
    """A NISS or BIS number as eleven digits (Belgian national register: modulo 97, 2 in front from 2000 on).

    Raises `niss_check_digits`. A month or day of 00 is legal: the register knew no better.
    """
    if not _NISS.fullmatch(value.strip()):
        raise PydanticCustomError("niss_check_digits", "not a valid NISS or BIS number")
    try:
        return str(ssn.validate(value))
    except NumberError:
        raise PydanticCustomError("niss_check_digits", "not a valid NISS or BIS number") from None


def niss_is_of_the_future(niss: str, today: date) -> bool:
    """Whether a valid NISS names a day of birth after today. Unknown parts of the date count as the earliest."""
    year, month = ssn.get_birth_year(niss), ssn.get_birth_month(niss)
    born = ssn.get_birth_date(niss)
    return year is not None and (born or date(year, month or 1, 1)) > today


def valid_cbe(value: str) -> str:
    """An enterprise number (CBE, KBO, BCE) as ten digits: 97 - first eight modulo 97, dots and `BE` may be written."""
    written = _CBE.fullmatch(value.strip().upper())
    digits = "".join(written.groups()) if written else ""
    # python-stdnum compares remainders: for it 00 is 97, and 98 is 01.
    if not vat.is_valid(digits) or not 1 <= int(digits[-2:]) <= 97:
        raise PydanticCustomError("cbe_check_digits", "not a valid enterprise number")
    return digits


def valid_nihdi(value: str) -> str:
    """A NIHDI (INAMI, RIZIV) number as eleven digits: six, two check digits, three of qualification."""
    written = _NIHDI.fullmatch(value.strip())
    if not written:
        raise PydanticCustomError("wrong_format", "not eleven digits")
    return "".join(written.groups())


def nihdi_is_odd(nihdi: str) -> bool:
    """Whether the check digits fit neither modulo 97 nor, as in newer ranges, modulo 89: a warning, no refusal."""
    first, check = int(nihdi[:6]), int(nihdi[6:8])
    return check not in (97 - first % 97, 89 - first % 89)


Niss = Annotated[str, Field(max_length=20), AfterValidator(valid_niss)]
Cbe = Annotated[str, Field(max_length=20), AfterValidator(valid_cbe)]
Nihdi = Annotated[str, Field(max_length=20), AfterValidator(valid_nihdi)]
