"""`huntbot serve`: the bot itself."""

import asyncio
from typing import Annotated

import typer

from app import logs
from app.settings import Purpose, read_settings, shield_from_environment

Http = Annotated[bool, typer.Option("--http", help="Signed HTTP on $PORT instead of Socket Mode.")]


def serve(http: Http = False) -> None:
    """Serve /hunt to a Slack workspace until it is told to stop."""
    settings = read_settings(Purpose.HTTP if http else Purpose.SOCKET_MODE)
    shield_from_environment(settings)
    logs.configure(settings.log_level, settings.secrets())
    from app.serve import serve as live  # noqa: PLC0415 - Bolt and the store take a second to load

    asyncio.run(live(settings, over_http=http))
