"""Looking into the audit chain: whether it holds, and whether it still is the one that somebody knows."""

from dataclasses import replace

from bot.domain.audit import Tip, Verdict, ended, follow, remembers
from bot.ports.record import AuditLog


async def verify_chain(audit: AuditLog, kept: Tip | None = None) -> Verdict:
    """Walk the whole chain, beside a bot that goes on writing; `kept` is an earlier tip that was kept elsewhere.

    Raises:
        StoreError: it could not be read.
    """
    verdict, is_kept = Verdict(), None if kept is None or kept.seq else kept == Tip()
    while True:
        before = verdict.tip
        async for link in audit.chain(before.seq):
            verdict = follow(verdict, link)
            if kept is not None and is_kept is None:
                is_kept = remembers(link, kept)
            if verdict.fault is not None:
                return verdict
        tip = await audit.tip()
        if verdict.tip in {tip, before}:  # else more was written since
            break
    verdict = ended(verdict, tip)
    if kept is None or is_kept or verdict.fault is not None:
        return verdict
    return replace(verdict, fault=_forgotten(kept, verdict.tip, is_kept))


def _forgotten(kept: Tip, tip: Tip, is_kept: bool | None) -> str:
    if is_kept is False:
        return f"event {kept.seq} has another hash than it had: the chain was written anew"
    if kept.seq > tip.seq:
        return f"event {kept.seq} is gone: the chain ends at {tip.seq}"
    return f"event {kept.seq} was purged: whether it had that hash can not be said any more"
