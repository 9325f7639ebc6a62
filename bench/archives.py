"""How fast archives are read and hunts run: the bundled sample, told over and over, read and hunted in.

Every time is shown beside the time that gunzip and a JSON parser alone take on the same bytes.
"""

import asyncio
import gzip
import json
import tempfile
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app import shelf
from bot.adapters.elasticsearch import ElasticsearchLogs, open_client
from bot.domain.hunt import Window
from bot.services.search import Search, search
from local.cloudtrail import sample
from local.elasticsearch.app import Elasticsearch, from_archive
from local.elasticsearch.node import node_class

EVENTS = 100_000
EVENTS_A_FILE = 2_000
NOW = datetime(2026, 3, 8, tzinfo=UTC)
BASELINE = "gunzip and parse"


@contextmanager
def timed(times: MutableMapping[str, float], what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    times[what] = time.perf_counter() - start


def write_archive(folder: Path, events: int) -> int:
    """Files as CloudTrail writes them; the size of their content in bytes."""
    told = sample.records(NOW)
    records = [told[number % len(told)] | {"eventID": f"event-{number}"} for number in range(events)]
    size = 0
    for start in range(0, events, EVENTS_A_FILE):
        content = json.dumps({"Records": records[start : start + EVENTS_A_FILE]}).encode()
        size += len(content)
        (folder / f"{start:09}.json.gz").write_bytes(gzip.compress(content, 6))
    return size


async def hunt(logs: Elasticsearch) -> Search:
    client = open_client("http://embedded:9200", node_class=node_class(logs))
    wanted = shelf.load([])[0].find("lambda-perms")
    try:
        return await search(ElasticsearchLogs(client), wanted, Window.back_from(NOW, timedelta(days=30)), now=NOW)
    finally:
        await client.close()


def measure(events: int) -> None:
    """Print what each step takes."""
    times: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = write_archive(folder, events)
        with timed(times, BASELINE):
            for path in folder.iterdir():
                json.loads(gzip.decompress(path.read_bytes()))
        with timed(times, "read the archive"):
            logs, receipt = from_archive(folder, lambda: NOW)
    with timed(times, "first hunt"):
        found = asyncio.run(hunt(logs))
    with timed(times, "hunt again"):
        asyncio.run(hunt(logs))
    print(f"Archives: {receipt.records:,} events, {size / 1e6:.0f} MB of JSON; {len(found.hits):,} hits")
    for what, seconds in times.items():
        print(f"{what:20} {seconds:7.2f} s  {seconds / times[BASELINE]:6.1f} x")
