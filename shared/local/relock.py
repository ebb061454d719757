"""Rewrites a lock of jars after its coordinates were edited: `python -m shared.local.relock [lock]`, else Kafka's."""

import json
import sys
import tempfile
from pathlib import Path

from shared.local.jars import LOCK, fetch, locked_jars, sha256


def main() -> None:
    """Fetch each listed coordinate and note its hash and size."""
    lock = Path(sys.argv[1]) if len(sys.argv) > 1 else LOCK
    with tempfile.TemporaryDirectory() as landing:
        files = {jar.coordinate: fetch(jar.coordinate, Path(landing)) for jar in locked_jars(lock)}
        entries = {name: {"sha256": sha256(file), "size": file.stat().st_size} for name, file in sorted(files.items())}
    lock.write_text(json.dumps({"jars": entries}, indent=1) + "\n")


if __name__ == "__main__":
    main()
