"""A reader in Berlin and the renderer; a workspace, its page over HTTP, and an app that listens."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from local.slack.model import Channel, User, UserGroup
from local.slack.page.render import Renderer
from local.slack.page.routes import page_of
from local.slack.page.viewer import Viewer
from local.slack.sample import sample_workspace
from local.slack.workspace import Workspace
from tests.unit.slack_page.browsing import MORNING, Browser, Heard

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ANN = User("U1", "ann", "Ann Lee", "Europe/Berlin", "T1")
BEN = User("U2", "ben", "Ben <b>O'Dell</b>", "America/New_York", "T1")


@pytest.fixture
def viewer() -> Viewer:
    return Viewer(
        user=ANN,
        now=NOW,
        people={ANN.id: ANN, BEN.id: BEN},
        channels={
            "C1": Channel("C1", "hunts", 0, "U1", ("U1",)),
            "C2": Channel("C2", "secret", 0, "U1", ("U1",), is_private=True),
            "C3": Channel("C3", "old", 0, "U1", ("U1",), is_archived=True),
            "D1": Channel("D1", "", 0, "U1", ("U1",), is_im=True),
        },
        groups={
            "S1": UserGroup("S1", "on-call", "On call", ("U1",)),
            "S2": UserGroup("S2", "others", "Others", ("U2",)),
        },
    )


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer()


@pytest.fixture
def workspace() -> Workspace:
    return sample_workspace(clock=lambda: MORNING)


@pytest.fixture
def heard(workspace: Workspace) -> Heard:
    app = Heard()
    workspace.delivery = app
    return app


@pytest.fixture
async def browser(workspace: Workspace) -> AsyncIterator[Browser]:
    app = web.Application()
    page_of(workspace)(app)
    async with TestClient(TestServer(app)) as client:
        yield client
        await workspace.close()
