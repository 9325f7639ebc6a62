"""axe-core, the accessibility checker, as the browser tests use it.

It comes from npm at the time of the test; where it cannot be had the test is skipped aloud.
"""

import asyncio
from typing import Any, Final

from playwright.async_api import Page

from tests.npm import installed

VERSION: Final = "4.14.1"
_GRAVE: Final = frozenset({"serious", "critical"})
_RUN: Final = "where => axe.run(where ?? document, {resultTypes: ['violations']})"


async def script() -> str:
    """What a page has to be given before it can be asked."""
    home = await installed("axe-core", VERSION)
    return await asyncio.to_thread((home / "node_modules" / "axe-core" / "axe.min.js").read_text)


async def grave_faults(page: Page, axe: str, where: str | None = None) -> list[str]:
    """The serious and critical faults of what the page shows now, each with the elements that have it.

    `where` is a selector of what alone is judged.
    """
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(axe)
    result = await page.evaluate(_RUN, where)
    return [_told(each) for each in result["violations"] if each["impact"] in _GRAVE]


def _told(violation: dict[str, Any]) -> str:
    return f"{violation['id']}: " + "; ".join(node["html"] for node in violation["nodes"][:3])
