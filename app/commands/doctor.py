"""`huntbot doctor`: what is wrong with the installation, each fault with its cure."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from app.console import draw
from app.settings import read_usable_settings

if TYPE_CHECKING:
    from app.doctor import Verdict

Press = Annotated[
    bool, typer.Option("--press", help="Also post a button into HUNTBOT_CHANNEL, for somebody to press.")
]
Within = Annotated[int, typer.Option("--within", help="How many seconds to wait for the press.", min=1)]


def doctor(press: Press = False, within: Within = 60) -> None:
    """Check tokens, scopes, channels, the Elasticsearch key, the store and the hunts; change nothing."""
    from app.doctor import code, table  # noqa: PLC0415 - Bolt and the store take a second to load

    verdicts = asyncio.run(_examined(within if press else None))
    draw(table(verdicts))
    raise typer.Exit(code(verdicts))


async def _examined(press_within_s: int | None) -> "tuple[Verdict, ...]":
    from app.doctor import examine  # noqa: PLC0415 - the same
    from app.press import prove  # noqa: PLC0415 - the same

    settings = read_usable_settings()  # before the examination, which shields the process from its environment
    verdicts = await examine()
    return verdicts if press_within_s is None else (*verdicts, await prove(settings, press_within_s))
