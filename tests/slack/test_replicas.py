"""Several processes on one store and one workspace: one answer each, one winner, one digest, and none is missed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from app.compose import compose
from app.settings import Purpose, read_settings
from bot.blocks import actions
from local.slack.model import Message, Outcome, User
from local.slack.sample import AISHA, HUNTS, MAYA, TOMAS
from local.slack.server import LocalSlack
from tests.postgres import Server
from tests.processes import started
from tests.slack.own_process import environment, now, sample_logs, stand_ins
from tests.unit.blocks.examples import read
from tests.waiting import until

LATER = timedelta(minutes=2)  # longer than any lease
PEOPLE = (MAYA, TOMAS, AISHA)
ANSWER, DIGEST = "/hunt lambda-perms 28 hits =", "Digest"
SETTLES_S = 1.5  # whatever came a second time would be there by then


@dataclass
class Office:
    """A workspace, a store, and whatever processes a test starts on them."""

    slack: LocalSlack
    given: dict[str, str]
    folder: Path

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[asyncio.subprocess.Process]:
        connections = self.slack.sockets.connection_count
        async with started(self.folder, "serve", given=self.given) as process:
            await self.slack.sockets.wait_for_connections(connections + 2, timeout_s=30)
            yield process

    def messages(self, who: User = MAYA) -> list[Message]:
        """What somebody sees in the channel, threads and private lines included."""
        top = self.slack.workspace.messages_for(who.id, HUNTS)
        return [reply for m in top for reply in self.slack.workspace.thread_for(who.id, HUNTS, m.ts)]

    def saying(self, words: str) -> list[Message]:
        return [message for message in self.messages() if words in " ".join(read(list(message.blocks)).split())]

    def card(self, ref: str) -> Message | None:
        cards = [m for m in self.saying(f"· {ref} ·") if any(block["type"] == "actions" for block in m.blocks)]
        assert len(cards) <= 1, f"{ref} stands {len(cards)} times"
        return cards[0] if cards else None

    def drawn(self, ref: str) -> str:
        card = self.card(ref)
        return read(list(card.blocks)) if card else ""

    def in_private(self, who: User) -> list[str]:
        return [read(list(m.blocks)) for m in self.messages(who) if m.ephemeral_to == who.id]

    async def hunt(self, who: User) -> Outcome:
        return (await self.slack.workspace.run_command(who.id, HUNTS, "/hunt", "lambda-perms")).outcome

    async def press(self, who: User, card: Message) -> Outcome:
        return (await self.slack.workspace.press(who.id, card.channel, card.ts, actions.ACKNOWLEDGE)).outcome

    def time_passes(self) -> None:
        """Every lease that is held now runs out, as if it was `LATER`; nobody waits for that in a test."""
        with psycopg.connect(self.given["DATABASE_URL"], autocommit=True) as store:
            store.execute("UPDATE runs SET lease_until = lease_until - %s", [LATER])
            store.execute("UPDATE intents SET lease_until = lease_until - %s", [LATER])


@pytest.fixture
async def office(postgres: Server, tmp_path: Path) -> AsyncIterator[Office]:
    database = postgres.fresh_database()
    async with stand_ins(sample_logs()) as (slack, url):
        yield Office(slack, environment(slack, url, tmp_path) | {"DATABASE_URL": database}, tmp_path)
    postgres.drop(database)


async def miss_a_digest(office: Office) -> None:
    """A digest was due an hour ago; its schedule was met before that, and nobody was there since."""
    due = now() - timedelta(hours=1)
    office.given |= {"HUNTBOT_DIGEST_CRON": f"{due.minute} {due.hour} * * *", "HUNTBOT_DIGEST_HUNTS": "lambda-perms"}
    settings = read_settings(Purpose.SOCKET_MODE, office.given)
    async with compose(settings, lambda: now() - timedelta(hours=2)) as bot:
        assert await bot.services.digests.due() == []


@pytest.mark.complaint("OnCall/GoAlert race", "sentry#66044", "apscheduler#766")
async def test_two_processes_answer_each_once_name_one_winner_and_send_one_digest(office: Office) -> None:
    """OnCall/GoAlert race: both believe it is theirs. sentry#66044, apscheduler#766: one for each worker."""
    await miss_a_digest(office)
    async with AsyncExitStack() as bots:
        await asyncio.gather(*(bots.enter_async_context(office.bot()) for _ in range(2)))
        await until(lambda: office.card("F-1") is not None)
        card = office.card("F-1")
        assert card is not None
        typed = await asyncio.gather(*(office.hunt(who) for who in PEOPLE * 2))
        pressed = await asyncio.gather(*(office.press(who, card) for who in PEOPLE))
        await until(lambda: len(office.saying(ANSWER)) == len(typed))
        await until(lambda: sum(map(len, map(office.in_private, PEOPLE))) == len(PEOPLE) - 1)
        await asyncio.sleep(SETTLES_S)
        assert {*typed, *pressed} == {Outcome.ACCEPTED}
        assert len(office.saying(ANSWER)) == len(typed)
        assert len(office.saying(DIGEST)) == 1
        [winner] = [who for who in PEOPLE if not office.in_private(who)]
        assert all("was first" in line for who in PEOPLE for line in office.in_private(who))
        assert f"Acknowledged by <@{winner.id}>" in office.drawn("F-1")


@pytest.mark.complaint("slackapi/bolt-python#1071")
@pytest.mark.parametrize("replicas", [1, 2], ids=["sqlite", "postgresql"])
async def test_what_was_acknowledged_right_before_a_kill_is_finished_once(office: Office, replicas: int) -> None:
    """slackapi/bolt-python#1071: what somebody had pressed was lost with the process."""
    if replicas == 1:
        office.given |= {"DATABASE_URL": f"sqlite:///{office.folder / 'huntbot.sqlite3'}"}
    async with AsyncExitStack() as bots:
        doomed, *_ = [await bots.enter_async_context(office.bot()) for _ in range(replicas)]
        await office.hunt(MAYA)
        await until(lambda: office.card("F-1") is not None)
        card = office.card("F-1")
        assert card is not None
        acknowledged = [await office.hunt(TOMAS), await office.hunt(AISHA), await office.press(TOMAS, card)]
        doomed.kill()
        await doomed.wait()
        if replicas > 1:
            office.time_passes()
        await bots.enter_async_context(office.bot())
        await until(lambda: len(office.saying(ANSWER)) == 3)
        await until(lambda: "Acknowledged by" in office.drawn("F-1"))
        await asyncio.sleep(SETTLES_S)
        assert set(acknowledged) == {Outcome.ACCEPTED}
        assert len(office.saying(ANSWER)) == 3
        assert f"Acknowledged by <@{TOMAS.id}>" in office.drawn("F-1")
