"""What every room's tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import buckets
from tests.postgres import Server, for_the_session


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The reference material beside the repository; tests that need it are skipped where it is not."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"no reference material at {folder}")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL, started by the first test that asks for it; `fresh_database()` gives a URL of your own."""
    with for_the_session() as server:
        yield server


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    """A real S3 server on loopback, started by the first test that asks for it."""
    with buckets.server() as port:
        yield port


@pytest.fixture
def bucket(s3_port: int, tmp_path: Path) -> Iterator[buckets.Bucket]:
    """A bucket of the test's own."""
    with buckets.bucket_at(s3_port, tmp_path / "home-of-keys") as bucket:
        yield bucket
