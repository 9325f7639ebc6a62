"""All copies in the user's cache directory: one folder for each archive."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local.cache.copy import Clock, Copy
from local.cache.version import schema_version


@dataclass(frozen=True, slots=True)
class Cache:
    """`folder`: where the copies are, nobody's but the user's: logs tell much."""

    folder: Path
    clock: Clock

    def copy(self, root: str) -> Copy:
        """The copy of the archive at a path, links resolved, or a URL; whether there is one or not."""
        digest = hashlib.sha256(root.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        name = re.sub(r"[^A-Za-z0-9._-]+", "_", root.rstrip("/").rpartition("/")[2])[:40]
        return Copy(self.folder / f"{name}-{digest}", root, schema_version(), self.clock)

    def copies(self) -> Iterator[Copy]:
        """Every copy there is, also those that another version of this program made."""
        for folder in sorted(self.folder.glob("*/")):
            with suppress(OSError, UnicodeDecodeError):
                root = (folder / "archive").read_text(errors="surrogateescape")
                yield Copy(folder, root, schema_version(), self.clock)
