"""Blocks, messages and views to safe HTML for one reader, by templates that escape what they are given."""

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from local.slack.page.filters import FILTERS
from local.slack.page.viewer import Viewer

_Json = Mapping[str, Any]


class Renderer:
    """The page's templates, compiled once."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("local.slack.page"), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        self._templates.filters.update(FILTERS)

    def blocks(self, blocks: Sequence[_Json], viewer: Viewer, scope: str = "") -> Markup:
        """Block Kit blocks; ``scope`` tells apart the ids of equal blocks on one page."""
        return self.template("blocks.html", viewer, blocks=blocks, scope=scope)

    def attachments(self, attachments: Sequence[_Json], viewer: Viewer, scope: str = "") -> Markup:
        """Secondary attachments (``{color, blocks | text | fallback}``) with their bar of colour."""
        return self.template("attachments.html", viewer, attachments=attachments, scope=scope)

    def template(self, name: str, viewer: Viewer, /, **values: object) -> Markup:
        """A template of the page, filled for this reader; what it wants is said at its top."""
        return Markup(self._templates.get_template(name).render(viewer=viewer, **values))  # noqa: S704 - autoescaped
