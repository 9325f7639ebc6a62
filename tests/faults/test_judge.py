"""The judge sees what it is there to see: a message that is gone, one too many, a history that was changed."""

from bot.domain.triage import Move
from local.slack.content import Content
from local.slack.sample import MAYA
from tests.faults.scenarios import SCENARIOS
from tests.faults.stores import Stores, changed
from tests.faults.world import world
from tests.faults.zygote import Zygote


async def test_each_kind_of_harm_is_seen(parent: Zygote, sqlite: Stores) -> None:
    button = SCENARIOS["button"]
    async with world(button.setting, parent, sqlite) as place:
        await place.bear()
        await button.before(place)
        assert (await place.verdict()).is_clean

        card = place.cards()[0]
        copy = place.slack.messages.post(
            card.channel, card.user, Content(card.text, tuple(card.blocks)), metadata=card.metadata
        )
        assert [fault.rpartition(" stands ")[2] for fault in (await place.verdict()).doubled] == ["2 times"]
        place.slack.messages.change(copy, Content("nobody's", ()), None)
        assert "nobody knows of" in (await place.verdict()).doubled[0]
        place.slack.messages.delete(place.slack.messages.get(copy.channel, copy.ts))

        place.slack.messages.delete(card)
        assert "does not stand where the store says" in (await place.verdict()).lost[0]
        place.slack.messages._put(card)

        place.expect(card, MAYA.id, Move.ACKNOWLEDGE)
        assert "which was acknowledged" in (await place.verdict()).lost[0]
        place.presses.clear()
        place.commands += 1
        assert (await place.verdict()).lost == ["1 of 2 runs that were acknowledged"]
        place.commands -= 2
        assert (await place.verdict()).doubled == ["1 runs for 0 commands"]
        place.commands += 1

        assert (await place.verdict()).is_clean
        await changed(place.url, "UPDATE events SET by = 'somebody else' WHERE seq = 1")
        assert "event 1 is not as it was written" in (await place.verdict()).lost[0]
