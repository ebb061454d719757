"""`make demo`: the whole road for several made-up people, told as a story."""

import asyncio
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import uvicorn
from rich.console import Console

from shared import logs
from shared.local import demo_people as people
from shared.local.errors import LocalStartError
from shared.local.folder import free_port
from shared.local.road import Road, RoadBlocked, today
from shared.local.run import HOST, assemble, register_organisations
from shared.local.stack import Stack
from shared.service import Service

console = Console(highlight=False, soft_wrap=True)


def main(services: Sequence[Service], origin: str | None) -> int:
    """Play the road; RELAIS_ORIGIN plays it against a Relais that runs already."""
    try:
        with ExitStack() as stack:
            started = origin or stack.enter_context(Own(services)).origin
            asyncio.run(play(started, fresh=origin is None))
    except (LocalStartError, RoadBlocked, httpx.HTTPError) as problem:
        print(f"\nThe demonstration stopped: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


class Own:
    """A Relais of the demonstration's own, on a fresh state that goes when it ends."""

    def __init__(self, services: Sequence[Service]) -> None:
        self.services = services
        self.origin = f"http://{HOST}:{free_port()}"
        self._stack = ExitStack()

    def __enter__(self) -> "Own":
        console.print("Starting PostgreSQL, Kafka and the five services on a fresh state ...", style="dim")
        folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="relais-demo-")))
        folder.chmod(0o755)
        parts = self._stack.enter_context(Stack(folder, self.services))
        log = self._stack.enter_context((folder / "relais.log").open("w"))
        logs.configure(stream=log)
        port = int(self.origin.rsplit(":", 1)[1])
        app = assemble(parts, self.services, self.origin)
        server = uvicorn.Server(uvicorn.Config(app, HOST, port, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, name="relais")
        thread.start()
        self._stack.callback(self._stop, server, thread)
        deadline = time.monotonic() + 60
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        if not server.started:
            self._stack.close()
            raise LocalStartError("The services did not start within a minute.")
        return self

    @staticmethod
    def _stop(server: uvicorn.Server, thread: threading.Thread) -> None:
        server.should_exit = True
        thread.join(15)

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def tell(who: str, what: str) -> None:
    """One line of the story."""
    console.print(f"  [bold]{who:<12}[/bold] {what}")


def chapter(title: str) -> None:
    """A new chapter."""
    console.print(f"\n[bold cyan]{title}[/bold cyan]")


async def play(origin: str, fresh: bool) -> None:
    """Every chapter."""
    began = time.monotonic()
    road = Road(origin)
    mark = "" if fresh else f"-{int(time.time())}"
    try:
        async with httpx.AsyncClient(base_url=origin, trust_env=False) as client:
            await register_organisations(client)
        odette = await referred(road, mark)
        await refused(road, mark)
        await called(road, odette)
    finally:
        await road.close()
    console.print(f"\nThe road is walked in {time.monotonic() - began:.1f} s.", style="green")
    console.print(
        "Open next:  make run   then the portal at http://127.0.0.1:8000/ , the documentation at "
        "/referrals/docs, and README.md for a first push of your own."
    )


async def referred(road: Road, mark: str) -> str:
    """Odette: from the hospital's push to the follow-up that finds a lost item; her person id."""
    chapter("Odette Lambermont, 79, leaves hospital")
    day = today()
    document = people.referral(f"D-1001{mark}", people.ODETTE, people.HEAVY, day, factors=["carer_burden"])
    referral = await road.push(document)
    tell("hospital", f"pushes a referral with an ELADEB-R sheet: received at once ({referral[:13]}...)")
    assert await road.push(document) == referral
    tell("hospital", "pushes it again by mistake: the same receipt, nothing doubled")
    person = await road.identified(referral)
    tell("intake", "finds nobody like her and registers the person")
    await road.consent(person, "case-management")
    tell("intake", "puts on record that she agreed to case management, as the hospital reports it")
    [totals] = await road.totals(referral)
    scale = totals["scales"]["difficulty"]
    tell("assessment", f"scores the sheet: difficulty {scale['sum']} of {scale['max']}, {scale['flagged_n']} problems")
    advice = await road.advice(referral)
    tell("assessment", f"advises {advice['advice']} and says why; people decide")
    await road.decide(referral, "acceptance")
    tell("referrals", "the coordinator accepts; the hospital reads it on its own referral")
    case = await road.case_of(referral)
    tell("cases", "opens one case")
    tasks = await cared_for(road, case)
    await followed_up(road, case, tasks, day)
    state = (await road.referral(referral))["state"]
    tell("hospital", f"reads the state of its referral: {state}")
    return person


async def cared_for(road: Road, case: str) -> dict[str, str]:
    """Assignment, visit, plan, a task done by the line; the plan's tasks by domain."""
    await road.assign(case)
    tell("cases", "is assigned to a nurse case manager within her caseload")
    await road.visit(case)
    tell("cases", "home visit done: care has started")
    whole = await road.plan(case, people.plan_for(("relais", "centre"), today() + timedelta(days=10)))
    tasks = {task["domain"]: task["id"] for task in whole["tasks"]}
    tell("cases", f"plan written with her and agreed: {len(tasks)} tasks, one for the line's nurse")
    await road.finish_task(case, tasks["administrative_tasks"], "line-nurse")
    tell("line", "the nurse does her task: the papers for the allowance are together")
    return tasks


async def followed_up(road: Road, case: str, tasks: dict[str, str], day: date) -> None:
    """Closed two months ago in a late entry: the first call is due at once, the second lies ahead."""
    await road.close_case(case, day - timedelta(days=62))
    tell("cases", "is closed, entered late: the day was two months ago")
    planned = await road.follow_ups(case)
    dates = ", ".join(sorted(follow_up["due_on"] for follow_up in planned))
    tell("scheduler", f"plans the calls at 1 and 6 months, on working days: {dates}")
    [due, *_] = await road.follow_ups(case, "due", count=1)
    tell("scheduler", "the first is due already and stands on the line's worklist")
    await road.attempt(due["id"], "no-answer")
    tell("line", "calls: no answer; the next attempt is planned by the policy")
    await road.attempt(due["id"], "answered")
    found = dict.fromkeys(tasks.values(), "in-place") | {tasks["housework"]: "lost"}
    await road.result(due["id"], found)
    tell("line", "calls again and asks about each item: the home help has stopped coming")

    async def agenda() -> Any:
        lines = (await road.get("coordinator", "/cases/meetings/agenda"))["items"]
        return [line for line in lines if line["case_id"] == case]

    lines = await road.until("the agenda line", agenda)
    tell("cases", f"puts {len(lines)} line on the weekly meeting's agenda: a plan item is lost")


async def refused(road: Road, mark: str) -> None:
    """Marcel: asked about, then refused with an onward path. Fatima: taken back by the hospital."""
    chapter("Marcel Van den Bosch, and Fatima El Amrani")
    marcel = await road.push(people.referral(f"D-1002{mark}", people.MARCEL, people.LIGHT, today()))
    await road.decide(marcel, "information-request", {"question": "Qui passe déjà à la maison ?"})
    tell("referrals", "the coordinator asks the hospital about Marcel")
    path = f"/referrals/{marcel}"
    await road.post("hospital-chu", f"{path}/information", {"answer": "Une infirmière, chaque jour."}, on=path)
    advice = await road.advice(marcel)
    tell("assessment", f"advises {advice['advice']}")
    body = {"reason": "outside-mission", "onward_path": "Centre de coordination: organise l'aide à domicile."}
    await road.decide(marcel, "refusal", body)
    tell("referrals", "refused with a coded reason and a way onward; the hospital reads both")
    fatima = await road.push(people.referral(f"D-1003{mark}", people.FATIMA, people.HEAVY, today()))
    path = f"/referrals/{fatima}"
    await road.post("hospital-chu", f"{path}/cancellation", {"reason": "Transférée dans un autre hôpital."}, on=path)
    tell("hospital", "takes Fatima's referral back before it was decided")


async def called(road: Road, person: str) -> None:
    """Odette's daughter calls the line: one more demand, one more case from another door."""
    chapter("Odette's daughter calls the line")
    contact = await road.call(person)
    tell("line", "the nurse hears that the family is exhausted and relays it to case management")
    case = await road.case_of(contact["id"])
    tell("cases", "opens exactly one case for the call")
    await road.assign(case, "case-manager-social-worker", "social-worker")
    tell("cases", "is assigned to a social worker")
