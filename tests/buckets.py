"""Buckets on a real S3 server on loopback, and a door before it that notes what is asked and can refuse."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import obstore
from obstore.store import S3Store

from local.objects.access import Access

ACCESS_KEY, SECRET_KEY = "AKIAEXAMPLE", "do-not-show-this"

_SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@contextmanager
def server() -> Iterator[int]:
    """An S3 server of its own; gives its port."""
    command = [sys.executable, "-c", _SERVER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]  # noqa: S603
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@dataclass
class Bucket:
    """A bucket that nobody else uses, as seen through the door.

    `refusals`: for a key, or a prefix that is listed, the status and code to answer; `times` how often. `delay_s`:
    how long an object takes, `list_delay_s`: a listing.
    """

    name: str
    direct: S3Store
    url: str
    home: Path
    port: int
    asked: list[str] = field(default_factory=list)
    refusals: dict[str, tuple[int, str]] = field(default_factory=dict)
    times: int = sys.maxsize
    delay_s: float = 0.0
    list_delay_s: float = 0.0
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, objects: Mapping[str, bytes]) -> None:
        for key, data in objects.items():
            obstore.put(self.direct, key, data)

    def put_raw(self, key: str) -> None:
        """A key that the library itself does not write."""
        connection = HTTPConnection("127.0.0.1", self.port)
        connection.request("PUT", f"/{self.name}/{key}", b"")
        assert connection.getresponse().status == 200
        connection.close()

    def delete(self, key: str) -> None:
        obstore.delete(self.direct, key)

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": "us-east-1",
        }

    def access(self) -> Access:
        """Keys from a file, as the process's own environment is not ours to change."""
        return Access({"AWS_ENDPOINT_URL": self.url}, self.home)

    def fetched(self) -> list[str]:
        """The keys of the objects that were read, in order of the keys."""
        return sorted(asked.removeprefix("GET ") for asked in self.asked if asked.startswith("GET "))

    def lists(self) -> list[str]:
        return sorted(asked.removeprefix("LIST ") for asked in self.asked if asked.startswith("LIST "))


@contextmanager
def bucket_at(port: int, home: Path) -> Iterator[Bucket]:
    """A new bucket at the server, and its door; `home`: where keys to it are put."""
    name = f"trail-{uuid4().hex[:12]}"
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("PUT", f"/{name}")
    assert connection.getresponse().status == 200
    connection.close()
    (home / ".aws").mkdir(parents=True)
    lines = ("[default]", f"aws_access_key_id = {ACCESS_KEY}", f"aws_secret_access_key = {SECRET_KEY}")
    (home / ".aws" / "credentials").write_text("\n".join(lines))
    direct = S3Store(
        name,
        access_key_id=ACCESS_KEY,
        secret_access_key=SECRET_KEY,
        endpoint=f"http://127.0.0.1:{port}",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=5)},
    )
    door = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    door.daemon_threads = True
    bucket = Bucket(name, direct, f"http://127.0.0.1:{door.server_port}", home, port)
    door.behind = port  # type: ignore[attr-defined]
    door.bucket = bucket  # type: ignore[attr-defined]
    thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield bucket
    finally:
        door.shutdown()
        thread.join()
        door.server_close()


class _Door(BaseHTTPRequestHandler):
    """Passes on what is asked of the server behind it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        bucket: Bucket = self.server.bucket  # type: ignore[attr-defined]
        with bucket.lock:
            bucket.at_once += 1
            bucket.most_at_once = max(bucket.most_at_once, bucket.at_once)
        try:
            self._answered(bucket)
        finally:
            with bucket.lock:
                bucket.at_once -= 1

    do_HEAD = do_GET  # noqa: N815 - the base class looks for this name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
        """Nobody reads it."""

    def _answered(self, bucket: Bucket) -> None:
        parts = urlsplit(self.path)
        key = unquote(parts.path).removeprefix(f"/{bucket.name}").removeprefix("/")
        query = parse_qs(parts.query)
        is_list = "list-type" in query
        about = query.get("prefix", [""])[0].rstrip("/") if is_list else key
        bucket.asked.append(f"{'LIST' if is_list else self.command} {about}")
        refusal = bucket.refusals.get(f"LIST {about}" if is_list else about)
        if refusal is not None and bucket.times:
            bucket.times -= 1
            status, code = refusal
            self._send(
                status, f"<Error><Code>{code}</Code><Message>{SECRET_KEY}</Message></Error>".encode(), Message()
            )
            return
        time.sleep(bucket.list_delay_s if is_list else bucket.delay_s)
        connection = HTTPConnection("127.0.0.1", self.server.behind)  # type: ignore[attr-defined]
        connection.request(self.command, self.path, headers=dict(self.headers))
        answer = connection.getresponse()
        self._send(answer.status, answer.read(), answer.headers)
        connection.close()

    def _send(self, status: int, body: bytes, headers: Message) -> None:
        self.send_response(status)
        for name in ("ETag", "Last-Modified", "Content-Range", "Content-Type"):
            if name in headers:
                self.send_header(name, headers[name])
        length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(body))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            with suppress(ConnectionError):  # whoever asked has gone
                self.wfile.write(body)
