"""`huntbot doctor`: what is wrong with the installation, each fault with its cure."""

import asyncio

import typer

from app.console import draw


def doctor() -> None:
    """Check tokens, scopes, channels, the Elasticsearch key, the store and the hunts; change nothing."""
    from app.doctor import code, examine, table  # noqa: PLC0415 - Bolt and the store take a second to load

    verdicts = asyncio.run(examine())
    draw(table(verdicts))
    raise typer.Exit(code(verdicts))
