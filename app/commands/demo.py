"""`huntbot demo`: the whole thing on this machine, without Slack, Elasticsearch or tokens."""

import asyncio
from typing import Annotated

import typer

from app import logs
from app.commands.hunt import show
from app.console import say, write
from app.findings_view import Format
from app.source import extra_for
from app.stopping import stop_event
from bot.errors import BadArgument

Once = Annotated[bool, typer.Option("--once", help="Run the first hunt, print what it found, and stop.")]
Port = Annotated[int | None, typer.Option(help="Port of the page; 8787 where it is free.", min=0, max=65535)]

WHAT_TO_DO = """
  1. Open {url} in your browser, stay in #security-hunts and type: /hunt lambda-perms
  2. Acknowledge one finding, escalate another, resolve a third (in the ... menu) with a reason.
  3. Switch to a second person: see who has the first one, and take over the one that was escalated.
  4. New events keep arriving. The scheduled digest says what is new: at {digest:%H:%M} UTC, then every two minutes.
Ctrl-C stops it; nothing is left behind.
"""


def demo(once: Once = False, port: Port = None) -> None:
    """Try it: a local Slack workspace in your browser, over a bundled sample of CloudTrail."""
    with extra_for("demo"):
        from app.demo import demonstrating  # noqa: PLC0415 - an extra: a production bot installs none of it

    async def play() -> None:
        with stop_event() as asked:
            async with demonstrating(port) as running:
                write(f"{running.page_url}\n")
                show(await running.first_hunt(), Format.TABLE)
                if not once:
                    say(WHAT_TO_DO.format(url=running.page_url, digest=running.first_digest))
                    await running.until(asked)

    logs.configure("WARNING", ())
    try:
        asyncio.run(play())
    except OSError as fault:
        raise BadArgument(f"--port {port}", fault.strerror or str(fault)) from fault
