"""Use cases: what huntbot does, over ports and a clock that come in as arguments."""

from dataclasses import dataclass

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
