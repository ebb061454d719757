"""The local PostgreSQL and Kafka: real, private, durable, and gone when we are."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.local.children import Child, wait_until_ready
from shared.local.errors import LocalStartError
from shared.local.folder import DataFolder, require_disk_space, require_free_port
from shared.local.jars import LOCK, kafka_jars
from shared.local.kafka import EmbeddedKafka
from shared.local.postgres import DatabaseUrls, EmbeddedPostgres

ROOT = Path(__file__).parents[2]
STARTS_BOTH = """
import sys, threading, time
from pathlib import Path
from shared.local.kafka import EmbeddedKafka
from shared.local.postgres import EmbeddedPostgres
folder = Path(sys.argv[1])
postgres, kafka = EmbeddedPostgres(folder / "postgres"), EmbeddedKafka(folder / "kafka")
starters = [threading.Thread(target=each.start) for each in (postgres, kafka)]
[each.start() for each in starters] + [each.join() for each in starters]
print(postgres.pid, kafka.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()


async def with_a_note(postgres: EmbeddedPostgres) -> DatabaseUrls:
    urls = await postgres.create_database("notes", owner="notes_owner", app="notes_app")
    async with connected(urls.owner_url) as owner:
        await owner.execute("CREATE TABLE IF NOT EXISTS note (id bigserial PRIMARY KEY, body text)")
    return urls


async def test_the_application_uses_the_tables_of_the_owner(postgres: EmbeddedPostgres) -> None:
    urls = await with_a_note(postgres)

    async with connected(urls.app_url) as app:
        await app.execute("INSERT INTO note (body) VALUES ('written')")
        await app.execute("UPDATE note SET body = 'changed'")
        found = await app.fetchval("SELECT body FROM note LIMIT 1")
        await app.execute("DELETE FROM note")

    assert found == "changed"


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE mine (id int)", "ALTER TABLE note ADD mine int", "DROP TABLE note", "CREATE SCHEMA mine"],
)
async def test_the_application_alters_no_table(postgres: EmbeddedPostgres, statement: str) -> None:
    urls = await with_a_note(postgres)

    async with connected(urls.app_url) as app:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(statement)


async def test_a_role_enters_only_its_own_database(postgres: EmbeddedPostgres) -> None:
    await postgres.create_database("one", owner="one_owner", app="one_app")
    await postgres.create_database("two", owner="two_owner", app="two_app")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with connected(postgres.url("two", "one_app")):
            pass


async def test_postgres_lets_nobody_in_without_the_password(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        async with connected(postgres.url("postgres", password="guessed")):
            pass

    assert (postgres.folder / "passwords.json").stat().st_mode & 0o077 == 0


async def test_creating_a_database_again_changes_nothing(postgres: EmbeddedPostgres) -> None:
    assert await with_a_note(postgres) == await with_a_note(postgres)


async def test_databases_are_created_side_by_side(postgres: EmbeddedPostgres) -> None:
    names = [f"side_{number}" for number in range(5)]

    made = await asyncio.gather(*(postgres.create_database(name, owner=f"{name}_o", app=f"{name}_a") for name in names))

    assert [urls.name for urls in made] == names


async def test_a_committed_row_survives_a_crash_of_postgres(postgres: EmbeddedPostgres) -> None:
    urls = await with_a_note(postgres)
    async with connected(urls.app_url) as app:
        await app.execute("INSERT INTO note (body) VALUES ('kept')")

    await asyncio.to_thread(postgres.stop_immediately)
    await asyncio.to_thread(postgres.start)

    async with connected(urls.app_url) as app:
        assert await app.fetchval("SELECT count(*) FROM note WHERE body = 'kept'") == 1


async def send(kafka: EmbeddedKafka, topic: str, value: bytes) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def first_message(kafka: EmbeddedKafka, topic: str) -> bytes:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=kafka.bootstrap_servers, group_id=f"{topic}-reader", auto_offset_reset="earliest"
    )
    try:
        await consumer.start()
        record = await asyncio.wait_for(consumer.getone(), 10)
    finally:
        await consumer.stop()
    return bytes(record.value)


async def test_a_message_makes_the_round(kafka: EmbeddedKafka) -> None:
    await send(kafka, "round", b"hello")

    assert await first_message(kafka, "round") == b"hello"


async def test_a_message_survives_a_crash_of_kafka(kafka: EmbeddedKafka) -> None:
    await send(kafka, "crash", b"kept")
    before = kafka.bootstrap_servers

    await asyncio.to_thread(kafka.kill)
    await asyncio.to_thread(kafka.start)

    assert kafka.bootstrap_servers == before
    assert await first_message(kafka, "crash") == b"kept"


async def test_a_frozen_kafka_answers_again_when_thawed(kafka: EmbeddedKafka) -> None:
    await send(kafka, "frozen", b"early")
    kafka.freeze()
    # Waited for, not cut off: a client that is cancelled while it connects leaves its connection open.
    reading = asyncio.create_task(first_message(kafka, "frozen"))
    try:
        answered, _ = await asyncio.wait([reading], timeout=1)
    finally:
        kafka.thaw()

    assert not answered
    assert await reading == b"early"


def is_alive(pid: int) -> bool:
    """A zombie has ended: in a container nobody may collect it."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip().rstrip("+")[:1] not in {"", "Z"}


def ended_within(seconds: float, pids: list[int]) -> bool:
    deadline = time.monotonic() + seconds
    while any(is_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(is_alive(pid) for pid in pids)


def test_nothing_outlives_a_killed_parent(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", STARTS_BOTH, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT) as us:
        assert us.stdout is not None
        children = [int(word) for word in us.stdout.readline().split()]
        assert len(children) == 2
        assert all(is_alive(pid) for pid in children)
        os.kill(us.pid, signal.SIGKILL)

    assert ended_within(10, children)


def test_a_second_start_on_the_same_folder_names_the_first(tmp_path: Path) -> None:
    with DataFolder(tmp_path), pytest.raises(LocalStartError, match=f"Process {os.getpid()} already uses the data"):
        DataFolder(tmp_path).hold()

    with DataFolder(tmp_path):
        assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_a_taken_port_is_refused_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(LocalStartError, match="choose another one with PORT="):
            require_free_port(taken.getsockname()[1])


def test_a_port_that_does_not_exist_is_refused() -> None:
    with pytest.raises(LocalStartError, match="Port 99999 cannot be used"):
        require_free_port(99999)


def test_a_full_disk_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalStartError, match="MB are free on the disk"):
        require_disk_space(tmp_path, needed=2**62)


def test_a_changed_jar_is_refused(tmp_path: Path) -> None:
    jars = kafka_jars()
    altered = tmp_path / "kafka" / jars[0].parent.name
    altered.mkdir(parents=True)
    for jar in jars:
        (altered / jar.name).symlink_to(jar)
    victim = altered / jars[0].name
    content = jars[0].read_bytes()
    victim.unlink()
    victim.write_bytes(content[:-1] + b"!")

    with pytest.raises(LocalStartError, match=f"The jar {victim.name} .* is not the one in {LOCK.name}"):
        kafka_jars(cache=tmp_path)


def test_without_network_the_first_start_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")

    with pytest.raises(LocalStartError, match="the first start needs the network"):
        kafka_jars(cache=tmp_path)


def test_a_program_that_never_gets_ready_is_stopped(tmp_path: Path) -> None:
    log = tmp_path / "log"
    sleeper = Child(["sh", "-c", "echo dreaming; exec sleep 600"], log=log)

    with pytest.raises(LocalStartError, match=r"(?s)Sleeper was not ready after 0 s and was stopped.*dreaming"):
        wait_until_ready(sleeper, "Sleeper", lambda: False, log=log, timeout=0.2)

    assert not is_alive(sleeper.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can end a child whose guard was killed")
def test_a_program_does_not_outlive_its_guard(tmp_path: Path) -> None:
    sleeper = Child(["sleep", "600"], log=tmp_path / "log")
    status = Path(f"/proc/{sleeper.pid}/status").read_text()
    guard = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid"))

    os.kill(guard, signal.SIGKILL)

    sleeper.wait()
    assert ended_within(5, [sleeper.pid])


def test_a_frozen_program_ends_with_us(tmp_path: Path) -> None:
    sleeper = Child(["sleep", "600"], log=tmp_path / "log")
    sleeper.signal(signal.SIGSTOP)

    sleeper.stop()

    assert not is_alive(sleeper.pid)


def test_a_broker_that_dies_while_starting_shows_its_log(tmp_path: Path) -> None:
    broker = EmbeddedKafka(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "meta.properties").write_text("not kafka's")

    with pytest.raises(LocalStartError, match=r"(?s)Kafka ended while starting; the end of .*kafka.log:.*Exception"):
        broker.start()
