"""`huntbot manifest`: what to paste when the Slack app is made."""

import json
from enum import Enum
from typing import Annotated

import typer

from app.console import write
from app.manifest import as_yaml
from app.manifest import manifest as build
from bot.errors import BadArgument


class ManifestFormat(Enum):
    """Slack takes both."""

    YAML = "yaml"
    JSON = "json"


Output = Annotated[ManifestFormat, typer.Option("--format", help="How to print it.")]
Url = Annotated[
    str | None, typer.Option(help="Where Slack reaches serve --http: https://... Without it: Socket Mode.")
]


def manifest(output: Output = ManifestFormat.YAML, url: Url = None) -> None:
    """Print the app manifest: paste it at api.slack.com/apps, Create New App, From a manifest."""
    if url is not None and not url.startswith("https://"):
        raise BadArgument(f"--url {url}", "Slack delivers to https:// only")
    built = build(url)
    write(as_yaml(built) if output is ManifestFormat.YAML else json.dumps(built, indent=2, ensure_ascii=False) + "\n")
