"""`python -m tests.checks.advisories`: whether an advisory (OSV) is known for a package that the lock lists.

Exit code 0: every package was looked up and none has one. 1: one has, or the look-up went wrong in another way than
for lack of network. 75 (EX_TEMPFAIL): no advisory service could be reached, so that nothing was checked; said aloud,
for a check that passes without having looked means nothing.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

from tests.checks import ROOT, locked, uv

FOUND = 1
NOT_CHECKED = os.EX_TEMPFAIL
AWAY = ("error sending request", "Request failed after", "Failed to fetch", "status server error")
"""How uv says that the service did not answer."""
WITHIN = 180.0
"""Seconds."""


def main(more: Sequence[str] = ()) -> int:
    """Look every locked package up; `more` goes to uv, such as `--service-url`."""
    command = [uv(), "audit", "--frozen", "--preview-features", "audit-command", *more]
    count = len(locked())
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=WITHIN)
    except subprocess.TimeoutExpired:
        return not_checked(count, f"no answer within {WITHIN:.0f} s")
    if done.returncode == 0:
        print(f"{count} packages looked up, no advisory known")
        return 0
    if done.returncode != FOUND and any(sign in done.stderr for sign in AWAY):
        return not_checked(count, "no advisory service could be reached")
    print(done.stdout, done.stderr, sep="\n")
    return FOUND


def not_checked(count: int, why: str) -> int:
    """Say aloud that nothing was looked up."""
    print(f"NOT CHECKED: {count} of {count} packages, {why}. Run it again where the advisory service can be reached.")
    return NOT_CHECKED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
