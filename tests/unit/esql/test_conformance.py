"""Elasticsearch's own conformance queries, where they are at hand beside the repository; the score must not fall."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCORER = ROOT.parent / "shared" / "csvspec" / "score.py"
FLOOR_PERCENT = 99.0


@pytest.mark.skipif(not SCORER.exists(), reason="no ../shared/csvspec beside the repository")
def test_the_score_holds() -> None:
    done = subprocess.run(  # noqa: S603  # our own interpreter, and a path that was looked up
        [sys.executable, str(SCORER), "--engine", "local.esql:run", "--jobs", "2", "--split", "all"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # noqa: TID251  # a child process needs the parent's environment
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    found = re.search(r"passed \(([\d.]+) %\)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) >= FLOOR_PERCENT, done.stdout[-2000:]
