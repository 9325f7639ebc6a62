"""Delivery: what ought to stand in Slack is made to stand there, once."""

from bot.services.delivery.loop import LEASE, DeliveryService

__all__ = ["LEASE", "DeliveryService"]
