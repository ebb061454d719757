"""The municipality list that comes with the service, or the newer one that the operator named."""

import csv
from functools import cache
from pathlib import Path

from services.referrals.domain.municipality import Municipalities, Municipality

SHIPPED = Path(__file__).parents[1] / "municipalities"


def newest() -> Path:
    """The newest list shipped: the highest file name."""
    return max(SHIPPED.glob("*.csv"), key=lambda path: path.name)


@cache
def municipalities(path: Path | None = None) -> Municipalities:
    """The list, read once. Columns: nis_code, name, arrondissement, province, region, postal_codes (by blanks)."""
    file = path or newest()
    with file.open(encoding="utf-8-sig", newline="") as lines:
        listed = [
            Municipality.model_validate({**row, "postal_codes": row["postal_codes"].split()})
            for row in csv.DictReader(lines)
        ]
    return Municipalities.of(file.stem, listed)
