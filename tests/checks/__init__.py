"""What `make check` asks beside the linters: secrets, advisories, the list of what we are made of."""

import shutil
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def uv() -> str:
    """The uv of the machine, else the one that `make setup` fetched beside the environment."""
    return shutil.which("uv") or str(Path(sys.prefix).parent / ".cache" / "uv" / "bin" / "uv")


def locked(root: Path = ROOT) -> frozenset[tuple[str, str]]:
    """What the lock lists besides ourselves, as (name, version): some in one version per release of Python."""
    packages = tomllib.loads((root / "uv.lock").read_text())["package"]
    return frozenset((each["name"], each["version"]) for each in packages if "registry" in each["source"])
