"""A real Keycloak with the demo realm of `deploy/keycloak`, as a child process: `python -m tests.outside.keycloak`."""

import hashlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from joserfc.jwk import ECKey

from shared.client_key import ClientKey
from shared.local.children import Child, wait_until_ready
from shared.local.folder import LOOPBACK, free_port
from shared.local.issuer import personas
from shared.local.jars import JarSet, alone, cache_folder
from shared.local.progress import say
from shared.local.realm import DEMO
from shared.scopes import systems
from shared.testing.issuers import ADMINISTRATOR, KEYCLOAK, OutsideIssuer
from tests.outside.runtimes import HERE, java_program, to_end

DISTRIBUTION = JarSet(HERE / "keycloak.lock.json", "keycloak", "Keycloak")
BUILT_FOR = ("--db=dev-mem", "--health-enabled=false", "--metrics-enabled=false")
OPENED = ("java.util", "java.util.concurrent", "java.security")
QUICK_JVM = ("-Xmx384m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--sun-misc-unsafe-memory-access=allow")
READY = "built"
BOOTSTRAP = "KC_BOOTSTRAP_ADMIN_CLIENT"


def command(home: Path, *arguments: str) -> list[str]:
    """The command that runs Keycloak in a home folder, as its own `kc.sh` would."""
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
    threads = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"
    properties = {
        "kc.home.dir": str(home),
        "jboss.server.config.dir": str(home / "conf"),
        "java.util.logging.manager": "org.jboss.logmanager.LogManager",
        "java.util.concurrent.ForkJoinPool.common.threadFactory": threads,
    }
    given = [f"-D{name}={value}" for name, value in properties.items()]
    starter = ["-cp", str(home / "lib" / "quarkus-run.jar"), "io.quarkus.bootstrap.runner.QuarkusEntryPoint"]
    return [java_program(), *QUICK_JVM, *opened, *given, *starter, *arguments]


def distribution() -> Path:
    """The unpacked Keycloak, built once for a database in memory and kept in the cache."""
    [archive] = DISTRIBUTION.files()
    version = hashlib.sha256(" ".join([DISTRIBUTION.lock.read_text(), *BUILT_FOR]).encode()).hexdigest()[:16]
    folder = cache_folder() / "keycloak" / f"built-{version}"
    with alone(folder):
        if not (folder / READY).exists():
            say("Building Keycloak, the first time only")
            with zipfile.ZipFile(archive) as content:
                content.extractall(folder)
            home = folder / archive.stem.replace("-quarkus-dist", "")
            to_end(command(home, "build", *BUILT_FOR), "Keycloak could not be built")
            (folder / READY).write_text(home.name)
    return folder / (folder / READY).read_text()


class Keycloak:
    """One server, its database in memory, with the demo realm; systems have keys made for this run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.port = free_port()
        self.log = self.folder / "keycloak.log"
        self._child: Child | None = None
        keys = {name: new_key() for name, each in personas().items() if not systems().isdisjoint(each["roles"])}
        self.outside = OutsideIssuer(f"http://{LOOPBACK}:{self.port}/realms/relais", secrets.token_urlsafe(24), keys)

    def start(self) -> None:
        """Start the server and return when it gives tokens."""
        home = self._home()
        secret = f"RELAIS_DEMO_SECRET={self.outside.secret}"
        words = {"RELAIS_DEMO_PASSWORD": secrets.token_urlsafe(24), "RELAIS_ORIGIN": "https://relais.example.org"}
        origin = f"http://{LOOPBACK}:{self.port}"
        listening = ("--http-enabled=true", f"--http-host={LOOPBACK}", f"--http-port={self.port}")
        options = ("--optimized", "--cache=local", f"--hostname={origin}", "--import-realm")
        started = command(home, "start", *options, *listening)
        administrator = (f"{BOOTSTRAP}_ID={ADMINISTRATOR}", f"{BOOTSTRAP}_SECRET={self.outside.secret}")
        environment = [secret, *administrator, *(f"{name}={value}" for name, value in words.items())]
        self._child = Child(["/usr/bin/env", *environment, *started], log=self.log)
        wait_until_ready(self._child, "Keycloak", self._is_ready, log=self.log, timeout=240)

    def stop(self) -> None:
        """Stop in order."""
        if self._child:
            self._child.stop()
            self._child = None

    def _home(self) -> Path:
        """A home of our own, that borrows the programs."""
        built, home = distribution(), self.folder / "home"
        (home / "data" / "import").mkdir(parents=True)
        (home / "conf").mkdir()
        for name in ("lib", "providers", "themes"):
            (home / name).symlink_to(built / name)
        realm = with_keys(json.loads(DEMO.read_text()), self.outside.keys)
        (home / "data" / "import" / "relais-realm.json").write_text(json.dumps(realm))
        return home

    def _is_ready(self) -> bool:
        try:
            found = httpx.get(f"{self.outside.issuer}/.well-known/openid-configuration", trust_env=False, timeout=5)
        except httpx.HTTPError:
            return False
        return found.status_code == 200

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def new_key() -> ClientKey:
    """A key for ES384, made for this run."""
    return ClientKey.read(ECKey.generate_key("P-384").as_pem(private=True).decode())


def with_keys(realm: dict[str, Any], keys: Mapping[str, ClientKey]) -> dict[str, Any]:
    """The realm after an operator has registered the public keys of these clients."""
    for client in realm["clients"]:
        if key := keys.get(client["clientId"]):
            registered = {"use.jwks.string": "true", "jwks.string": json.dumps({"keys": [key.public()]})}
            client["attributes"] = {**client["attributes"], **registered}
    return realm


def main() -> int:
    """Run the suite, or what the arguments say of it, with the tokens of a Keycloak of its own.

    No test is left out. Three kinds of tokens stay with the development issuer, which is trusted beside it: those
    that no honest issuer would sign (dates, keys, audiences, types), those of the tests that are about that issuer,
    and those of `make run` and `make demo`, which start it.
    """
    with tempfile.TemporaryDirectory() as folder, Keycloak(Path(folder)) as keycloak:
        environment = {**os.environ, KEYCLOAK: keycloak.outside.described()}
        return subprocess.run([sys.executable, "-m", "pytest", *sys.argv[1:]], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
