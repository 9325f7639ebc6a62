"""Use cases: what huntbot does, over ports and a clock that come in as arguments."""

from dataclasses import dataclass

from bot.services.delivery import DeliveryService
from bot.services.digest import DigestService
from bot.services.hunt import HuntService
from bot.services.triage import TriageService

__all__ = ["DeliveryService", "DigestService", "HuntService", "Services", "TriageService"]


@dataclass(frozen=True, slots=True)
class Services:
    """The four services, as compose plugs them together."""

    hunts: HuntService
    triage: TriageService
    digests: DigestService
    delivery: DeliveryService
