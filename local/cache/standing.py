"""How a copy stands to its archive: what of it can be read from the copy, and what has to be read itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from local.cache.copy import Copy
from local.cache.listing import Listing, Source
from local.cache.manifest import Kept, Manifest


@dataclass(frozen=True, slots=True)
class Standing:
    """How a copy stands to the archive as it is now, as far as that was looked at.

    `warm`: files that the copy has as they are. `missing`: those that it has not, or not so. `gone`: names whose rows
    count no more.
    """

    warm: Mapping[str, Kept]
    missing: tuple[Source, ...]
    gone: frozenset[str]

    @property
    def is_current(self) -> bool:
        return not (self.missing or self.gone)

    @property
    def missing_bytes(self) -> int:
        return sum(source.size for source in self.missing)


def compared(copy: Copy, manifest: Manifest, listing: Listing, doubted: Collection[str] = ()) -> Standing:
    """What of the archive can be read from the copy; `doubted`: paths of parts that are not to be."""
    unusable = copy.damaged(manifest) | manifest.out_of_step()
    unusable |= {name for name in manifest.parts if doubted and str(copy.path_of(name)) in doubted}
    warm: dict[str, Kept] = {}
    missing: list[Source] = []
    for source in listing.sources:
        kept = manifest.files.get(source.name)
        if kept and (kept.size, kept.stamp) == (source.size, source.stamp) and unusable.isdisjoint(kept.parts):
            warm[source.name] = kept
        else:
            missing.append(source)
    gone = (name for name in manifest.files.keys() - warm.keys() if not listing.leaves_out(name))
    return Standing(warm, tuple(missing), frozenset(gone))
