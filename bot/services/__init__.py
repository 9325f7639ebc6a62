"""Use cases: what huntbot does, over ports and a clock that come in as arguments.

Each is loaded when it is asked for: a hunt from the terminal needs one of them, and is not to wait for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.services.access import AccessService
    from bot.services.bulk import BulkService
    from bot.services.checks import CheckService
    from bot.services.delivery import DeliveryService
    from bot.services.digest import DigestService
    from bot.services.evidence import EvidenceService
    from bot.services.export import ExportService
    from bot.services.home import HomeService
    from bot.services.hunt import HuntService
    from bot.services.pivots import PivotService
    from bot.services.retention import RetentionService
    from bot.services.suppression import SuppressionService
    from bot.services.triage import TriageService

__all__ = [
    "AccessService",
    "BulkService",
    "CheckService",
    "DeliveryService",
    "DigestService",
    "EvidenceService",
    "ExportService",
    "HomeService",
    "HuntService",
    "PivotService",
    "RetentionService",
    "Services",
    "SuppressionService",
    "TriageService",
]

_ROOMS: Mapping[str, str] = {
    "AccessService": "access",
    "BulkService": "bulk",
    "CheckService": "checks",
    "DeliveryService": "delivery",
    "DigestService": "digest",
    "EvidenceService": "evidence",
    "ExportService": "export",
    "HomeService": "home",
    "HuntService": "hunt",
    "PivotService": "pivots",
    "RetentionService": "retention",
    "SuppressionService": "suppression",
    "TriageService": "triage",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)


@dataclass(frozen=True, slots=True)
class Services:
    """The services, as compose plugs them together."""

    hunts: HuntService
    triage: TriageService
    digests: DigestService
    delivery: DeliveryService
    suppressions: SuppressionService
    retention: RetentionService
    access: AccessService
    evidence: EvidenceService
    pivots: PivotService
    checks: CheckService
    bulks: BulkService
    homes: HomeService
    exports: ExportService
