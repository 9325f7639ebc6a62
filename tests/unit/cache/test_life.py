"""Whatever becomes of an archive and its copy, in whatever order: the answer is that of decoding everything."""

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from local.cache.copy import UNFINISHED
from tests.unit.cache.archives import answer, copy_of, everything, record, rows_of, write

NAMES = st.sampled_from(["a.json", "b.json.gz", "m/c.json", "m/d.json.gz", "z.json"])
NUMBERS = st.integers(0, 40)
COUNTS = st.integers(1, 4)
ODD = st.sampled_from([{}, {}, {"userAgent": ["curl", "wget"]}, {"requestParameters": {"userName": ["x", "y"]}}])
JUNK = st.sampled_from([b"", b"no log", b'{"Records":[{"eventName":', b'{"Records":[]}', b"\x1f\x8b\x08"])


class Life(RuleBasedStateMachine):
    """An archive that changes between hunts, and a copy that is kept, damaged and left half done."""

    @initialize()
    def begin(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="huntbot-life-"))
        self.logs = self.home / "logs"
        self.logs.mkdir()
        self.copy = copy_of(self.logs, self.home / "copies")

    def teardown(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)

    @rule(name=NAMES, first=NUMBERS, count=COUNTS, odd=ODD)
    def add_or_change(self, name: str, first: int, count: int, odd: dict[str, object]) -> None:
        records = [record(number, **odd) for number in range(first, first + count)]
        write(self.logs / name, records, is_packed=name.endswith(".gz"))

    @rule(name=NAMES, data=JUNK)
    def write_junk(self, name: str, data: bytes) -> None:
        (self.logs / name).parent.mkdir(exist_ok=True)
        (self.logs / name).write_bytes(data)

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        (self.logs / name).unlink(missing_ok=True)

    @rule(name=NAMES, share=st.floats(0, 1))
    def cut_off(self, name: str, share: float) -> None:
        path = self.logs / name
        if path.exists():
            os.truncate(path, int(path.stat().st_size * share))

    @rule()
    def keep(self) -> None:
        assert rows_of(self.logs, self.copy).keep()

    @rule()
    def hunt_and_keep_as_hunts_do(self) -> None:
        rows_of(self.logs, self.copy).after_answer()

    @rule()
    def another_one_is_writing(self) -> None:
        with self.copy.writing():
            self.hunt()

    @rule(which=st.integers(0, 9), share=st.floats(0, 0.9))
    def damage_a_part(self, which: int, share: float) -> None:
        parts = sorted(self.copy.path_of("").glob("*.parquet")) if self.copy.folder.exists() else []
        if parts:
            part = parts[which % len(parts)]
            os.truncate(part, int(part.stat().st_size * share))

    @rule()
    def delete_a_part(self) -> None:
        for part in list(self.copy.path_of("").glob("*.parquet"))[:1]:
            part.unlink()

    @rule(share=st.floats(0, 1))
    def tear_the_manifest(self, share: float) -> None:
        manifest = self.copy.folder / "manifest"
        if manifest.exists():
            os.truncate(manifest, int(manifest.stat().st_size * share))

    @rule()
    def a_writer_is_killed(self) -> None:
        """It leaves a part that nobody names, and one that is not finished."""
        for part in list(self.copy.path_of("").glob("*.parquet"))[:1]:
            shutil.copy(part, self.copy.path_of("left.parquet"))
            shutil.copy(part, self.copy.path_of(f"left{UNFINISHED}"))

    @rule()
    def clear(self) -> None:
        if self.copy.folder.exists():
            assert self.copy.clear()

    @invariant()
    def hunt(self) -> None:
        if hasattr(self, "logs"):
            rows = rows_of(self.logs, self.copy)
            expected, receipt = everything(self.logs)
            assert answer(rows) == expected
            assert rows.receipt is not None
            assert receipt is not None
            assert rows.receipt.records == receipt.records
            assert rows.receipt.by_kind() == receipt.by_kind()


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=12,
    stateful_step_count=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
