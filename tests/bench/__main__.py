"""`python -m tests.bench`: one run of all measures, its table printed and kept in `.local/bench.md`."""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from services.__main__ import NAMES, load
from shared import logs
from shared.host import settle_memory
from shared.local.children import last_lines
from shared.local.stack import Stack
from tests.bench import assess, audit, cases, contacts, due, fhir, fire, flow, imports, persons, push, start, topics
from tests.bench.rig import Rig, leave_outside
from tests.bench.table import Table, say
from tests.town import ROOT, Town

# The order matters: what idles is measured before a backlog can exist, a million rows come last.
PARTS = {
    "start": start.measure,
    "push": push.measure,
    "fhir": fhir.measure,
    "flow": flow.measure,
    "assess": assess.measure,
    "cases": cases.measure,
    "due": due.measure,
    "contacts": contacts.measure,
    "fire": fire.measure,
    "topics": topics.measure,
    "persons": persons.measure,
    "audit": audit.measure,
    "imports": imports.measure,
}
WITHIN = 1200.0
RESULT = ROOT / ".local" / "bench.md"


def arguments() -> argparse.Namespace:
    """What can be asked for; `make bench REPEAT=9` comes as an environment variable."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="only these")
    parser.add_argument("--repeat", type=int, default=int(os.environ.get("REPEAT", "5")), help="at least 5 to count")
    return parser.parse_args()


async def run(rig: Rig, table: Table, parts: list[str], repeat: int) -> None:
    """The parts one after the other; the front with its issuer serves them all."""
    rig.town.start("front")
    async with asyncio.timeout(WITHIN):
        for name in parts:
            say(f"-- {name}")
            await PARTS[name](rig, table, repeat)


def tell_ends(folder: Path) -> None:
    """What the processes said last, where a run did not come to its end: the folder is about to go."""
    if sys.exc_info()[0] is not None:
        for log in sorted(folder.glob("*.log")):
            say(f"{log.name}: {last_lines(log)}")


def main() -> int:
    """Measure, print, keep; whatever was started is ended."""
    asked = arguments()
    logs.configure(level=50)
    settle_memory()
    leave_outside()
    began = time.monotonic()
    table = Table()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="relais-bench-")))
        say("starting PostgreSQL and Kafka")
        town = Town(stack.enter_context(Stack(folder, load(NAMES))), folder)
        stack.callback(town.close)
        stack.callback(tell_ends, folder)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(Rig(town.stack, town), table, asked.parts or list(PARTS), asked.repeat))
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    title = f"{now}, {machine}, {asked.repeat} repetitions, {time.monotonic() - began:.0f} s in all"
    text = table.render(title)
    RESULT.parent.mkdir(exist_ok=True, mode=0o700)
    RESULT.write_text(text)
    print(f"\n{text}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
