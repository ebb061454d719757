"""Rewrites the lock of Kafka's jars after its coordinates were edited: `python -m shared.local.relock`."""

import json
import tempfile
from pathlib import Path

from shared.local.jars import LOCK, fetch, locked_jars, sha256


def main() -> None:
    """Fetch each listed coordinate and note its hash and size."""
    with tempfile.TemporaryDirectory() as landing:
        files = {jar.coordinate: fetch(jar.coordinate, Path(landing)) for jar in locked_jars(LOCK)}
        entries = {name: {"sha256": sha256(file), "size": file.stat().st_size} for name, file in sorted(files.items())}
    LOCK.write_text(json.dumps({"jars": entries}, indent=1) + "\n")


if __name__ == "__main__":
    main()
