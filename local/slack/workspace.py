"""One workspace in memory: what people see and do in it, and the rooms the Web API works on."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from local.slack import composer, elements
from local.slack.changes import ChangeFeed
from local.slack.content import Content, checked_content
from local.slack.delivery import Delivery, Envelope, Kind, Nowhere
from local.slack.directory import Directory
from local.slack.errors import NoSuchElementError, SlackError, UndeliveredError
from local.slack.events import RETRY_DELAYS_S, EventSender
from local.slack.failures import failure
from local.slack.faults import Faults
from local.slack.files import FileCabinet
from local.slack.limits import RateLimits
from local.slack.mentions import mentions
from local.slack.messages import MessageLog
from local.slack.mint import Mint
from local.slack.model import (
    App,
    Change,
    Channel,
    Chosen,
    Command,
    Json,
    Message,
    Notified,
    Outcome,
    Seen,
    Team,
    User,
    UserGroup,
    Values,
    View,
)
from local.slack.payloads import Payloads
from local.slack.sharing import Sharing
from local.slack.submission import settle
from local.slack.tickets import ResponseUrls, Triggers
from local.slack.views import ViewDesk

_REMEMBERED = 1000  # calls and envelopes kept for tests and the page's inspector


@dataclass(frozen=True, slots=True)
class Call:
    """A Web API call as it came in, and Slack's error or nothing."""

    method: str
    arguments: Json
    error: str = ""


class Workspace:
    """People act through the methods; the Web API works on the rooms held as attributes.

    One event loop. ``clock`` gives seconds since 1970, ``secret`` unguessable text; user ids,
    channel ids and message timestamps are Slack's. Unknown ids raise SlackError with Slack's code,
    acting on what is not on the screen raises NoSuchElementError.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        secret: Callable[[], str],
        team: Team,
        app: App,
        users: Iterable[User],
        channels: Iterable[Channel],
        usergroups: Iterable[UserGroup] = (),
        retry_delays_s: Sequence[float] = RETRY_DELAYS_S,
    ) -> None:
        self.mint = Mint(clock, secret)
        self.directory = Directory(team, app, users, channels, usergroups, self.mint)
        self.feed = ChangeFeed()
        self.messages = MessageLog(self.directory, self.mint, self.feed)
        self.views = ViewDesk(self.mint, self.feed)
        self.files = FileCabinet(self.mint, team.id, lambda: self.base_url)
        self.sharing = Sharing(self.messages, self.files, app.bot_user_id)
        self.triggers = Triggers(self.mint)
        self.base_url = "http://127.0.0.1:0"  # the server says where it listens
        self.response_urls = ResponseUrls(self.mint, lambda token: f"{self.base_url}/actions/{team.id}/{token}")
        self.payloads = Payloads(self.directory, self.mint, self.triggers, self.response_urls)
        self.limits = RateLimits(clock)
        self.faults = Faults()
        self.delivery: Delivery = Nowhere()
        self.calls: deque[Call] = deque(maxlen=_REMEMBERED)
        self.envelopes: deque[Envelope] = deque(maxlen=_REMEMBERED)
        self._suggested: dict[str, Sequence[Json]] = {}
        self._events = EventSender(self._send, retry_delays_s)

    @property
    def team(self) -> Team:
        return self.directory.team

    @property
    def app(self) -> App:
        return self.directory.app

    async def close(self) -> None:
        """Ends live feeds and the retries of events; the workspace itself can be served again."""
        self.feed.end()
        self.sharing.close()
        await self._events.close()

    # --- what a person can look at ---

    @property
    def users(self) -> Sequence[User]:
        return self.directory.users

    @property
    def usergroups(self) -> Sequence[UserGroup]:
        return self.directory.usergroups

    @property
    def command_hints(self) -> dict[str, str]:
        return {command.name: command.usage_hint for command in self.app.commands}

    def user(self, user_id: str) -> User:
        return self.directory.user(user_id)

    def channel(self, channel_id: str) -> Channel:
        return self.directory.channel(channel_id)

    def people_known_to(self, user_id: str) -> Sequence[User]:
        """Whom the person can look up: everybody, or for guests those they share a channel with."""
        return self.directory.people_seen_by(user_id)

    def channels_of(self, user_id: str) -> Sequence[Channel]:
        """What the person's sidebar shows, the conversation with the bot included."""
        self.directory.direct_message(user_id)
        return self.directory.channels_seen_by(user_id)

    def messages_for(self, user_id: str, channel_id: str) -> Sequence[Message]:
        """Oldest first, the person's ephemeral lines in, thread replies out."""
        return self.messages.seen_by(user_id, self._visible(user_id, channel_id).id)

    def thread_for(self, user_id: str, channel_id: str, thread_ts: str) -> Sequence[Message]:
        """The parent first."""
        return self.messages.thread_seen_by(user_id, self._visible(user_id, channel_id).id, thread_ts)

    def modals_of(self, user_id: str) -> Sequence[View]:
        """The stack, topmost last."""
        return self.views.stack(user_id)

    def home_of(self, user_id: str) -> View | None:
        return self.views.home(user_id)

    def notifications_of(self, user_id: str) -> Sequence[Notified]:
        return [notified for notified in self.messages.notifications if notified.user == user_id]

    def subscribe(self, user_id: str) -> AsyncIterator[Change]:
        """Changes this person can see, from the call on."""
        return self.feed.subscribe(user_id)

    # --- what a person does ---

    async def run_command(
        self, user_id: str, channel_id: str, command: str, text: str = "", thread_ts: str | None = None
    ) -> Seen:
        """Types a slash command; ``Seen.message`` is the app's direct answer, if it gave one."""
        user, channel = self.user(user_id), self._visible(user_id, channel_id)
        known = next((known for known in self.app.commands if known.name == command), None)
        if known is None:
            return Seen(Outcome.FAILED, f"{command} is not a valid command.", "invalid_command")
        if channel.is_im and self.app.is_messages_tab_read_only:
            return Seen(Outcome.FAILED, "Sending messages to this app has been turned off.", "messages_tab_disabled")
        if thread_ts is not None:
            return Seen(Outcome.FAILED, f"{command} is not supported in threads. Sorry!", "not_supported_in_threads")
        payload = self.payloads.slash_command(user, channel, command, self._command_text(known, text))
        try:
            answer = await self._deliver("slash_commands", payload, accepts_response=True)
            message = self._direct_answer(channel, user, answer)
        except (UndeliveredError, SlackError) as error:
            return failure(self.app.name, command, error.code)
        return Seen(Outcome.ACCEPTED, message=message, view=self._top(user_id))

    async def press(
        self,
        user_id: str,
        channel_id: str,
        ts: str,
        action_id: str,
        block_id: str | None = None,
        chosen: Chosen = None,
        values: Values | None = None,
    ) -> Seen:
        """Uses an element of a message: a button needs nothing chosen, a menu its option's value.

        ``values`` is what stands in the message's other inputs.
        """
        user, message = self.user(user_id), self._readable(user_id, channel_id, ts)
        blocks = elements.with_options(message.blocks, self._suggested)
        found = elements.find(blocks, action_id, block_id)
        state = elements.state(blocks, elements.with_choice(values or {}, found, chosen))
        action = elements.action(found, chosen, self.mint.ts())
        return await self._interact(user, self.payloads.message_action(user, message, action, state))

    async def press_in_view(
        self,
        user_id: str,
        view_id: str,
        action_id: str,
        block_id: str | None = None,
        chosen: Chosen = None,
        values: Values | None = None,
    ) -> Seen:
        """Uses an element of an open modal or of the Home tab."""
        user, view = self.user(user_id), self._own_view(user_id, view_id)
        blocks = elements.with_options(view.blocks, self._suggested)
        found = elements.find(blocks, action_id, block_id)
        state = elements.state(blocks, elements.with_choice(values or {}, found, chosen))
        view = self.views.remember(view, state)
        action = elements.action(found, chosen, self.mint.ts())
        return await self._interact(user, self.payloads.view_action(user, view, action))

    async def submit_view(self, user_id: str, view_id: str, values: Values) -> Seen:
        """Submits the form: its own checks first, then what the app answers."""
        user, view = self.user(user_id), self._own_view(user_id, view_id)
        filled = elements.state(elements.with_options(view.blocks, self._suggested), values)
        mend = elements.form_errors(view.blocks, filled)
        if mend:
            return Seen(Outcome.ERRORS, errors=mend, view=view)
        view = self.views.remember(view, filled)
        payload = self.payloads.view_submission(user, view)
        try:
            return settle(self.views, view, await self._deliver("interactive", payload, accepts_response=True))
        except (UndeliveredError, SlackError) as error:
            return Seen(Outcome.FAILED, "We had some trouble connecting. Try again?", error.code, view=view)

    async def close_view(self, user_id: str, view_id: str, *, whole_stack: bool = False) -> Seen:
        """Cancels a modal, or with the corner cross everything; tells the app where it asked for it."""
        user, view = self.user(user_id), self._own_view(user_id, view_id)
        clears = whole_stack or bool(view.payload.get("clear_on_close"))
        gone = self.views.stack(user_id) if clears else (view,)
        top = self.views.close(gone[0]) if gone else None
        for closed in reversed(gone):
            if closed.payload.get("notify_on_close"):
                await self._tell(self.payloads.view_closed(user, closed, is_cleared=clears))
        return Seen(Outcome.CLOSED, view=top)

    async def open_home(self, user_id: str) -> Seen:
        """Opens the app's Home tab; the app hears of it when it subscribed to ``app_home_opened``."""
        user = self.user(user_id)
        error = await self._event(self.payloads.home_opened(user, self.home_of(user_id)), "app_home_opened")
        outcome = Outcome.FAILED if error else Outcome.ACCEPTED
        return Seen(outcome, error=error, view=self.home_of(user_id))

    async def say(self, user_id: str, channel_id: str, text: str, thread_ts: str | None = None) -> Message:
        """Sends a message as typed, ``@names`` included."""
        channel = self._visible(user_id, channel_id)
        if channel.is_im and self.app.is_messages_tab_read_only:
            raise SlackError("messages_tab_disabled")
        sent = Content(composer.as_message(text, self.directory), ())
        message = self.messages.post(channel.id, user_id, sent, thread_ts=thread_ts)
        if self.app.bot_user_id in channel.members:
            await self._event(self.payloads.message_event(message, "message"), f"message.{channel.kind}")
        if any(mention.id == self.app.bot_user_id for mention in mentions(message.text, ())):
            await self._event(self.payloads.message_event(message, "app_mention"), "app_mention")
        return message

    async def shortcut(self, user_id: str, callback_id: str) -> Seen:
        """Runs a global shortcut."""
        user = self.user(user_id)
        return await self._interact(user, self.payloads.shortcut(user, callback_id))

    async def message_shortcut(self, user_id: str, channel_id: str, ts: str, callback_id: str) -> Seen:
        """Runs a shortcut from the menu of a message that lasts."""
        user, message = self.user(user_id), self._readable(user_id, channel_id, ts)
        if message.ephemeral_to is not None:
            raise SlackError("message_not_found")
        return await self._interact(user, self.payloads.message_shortcut(user, message, callback_id))

    async def suggest(
        self, user_id: str, view_id: str, action_id: str, block_id: str | None, query: str
    ) -> Sequence[Json]:
        """The options an external select of a view shows for what was typed; none when the app fails."""
        user, view = self.user(user_id), self._own_view(user_id, view_id)
        found = elements.find(view.blocks, action_id, block_id)
        return await self._ask(found, self.payloads.suggestion_in_view(user, view, found, query))

    async def suggest_in_message(
        self, user_id: str, channel_id: str, ts: str, action_id: str, block_id: str | None, query: str
    ) -> Sequence[Json]:
        """The same for a select in a message."""
        user, message = self.user(user_id), self._readable(user_id, channel_id, ts)
        found = elements.find(message.blocks, action_id, block_id)
        return await self._ask(found, self.payloads.suggestion_in_message(user, message, found, query))

    def dismiss(self, user_id: str, channel_id: str, ts: str) -> None:
        """Takes an ephemeral line away."""
        message = self.messages.get(channel_id, ts)
        if message.ephemeral_to != user_id:
            raise NoSuchElementError("only one's own ephemeral messages can be dismissed")
        self.messages.delete(message)

    async def redeliver(self, envelope: Envelope, attempt: int = 1, reason: str = "http_timeout") -> None:
        """Sends an envelope again, as Slack does after a late acknowledgement."""
        await self.delivery.deliver(envelope.again(attempt, reason))

    # --- inside ---

    def _visible(self, user_id: str, channel_id: str) -> Channel:
        return self.directory.channel_seen_by(user_id, channel_id)

    def _readable(self, user_id: str, channel_id: str, ts: str) -> Message:
        message = self.messages.get(self._visible(user_id, channel_id).id, ts)
        if message.ephemeral_to not in {None, user_id}:
            raise SlackError("message_not_found")
        return message

    def _own_view(self, user_id: str, view_id: str) -> View:
        view = self.views.get(view_id)
        if view.user != user_id:
            raise SlackError("not_found")
        return view

    def _top(self, user_id: str) -> View | None:
        stack = self.views.stack(user_id)
        return stack[-1] if stack else None

    def _command_text(self, command: Command, text: str) -> str:
        if command.should_escape:
            return composer.as_command_text(text, self.directory)
        return composer.escape(text)

    def _direct_answer(self, channel: Channel, user: User, answer: Json) -> Message | None:
        """The message in a slash command's acknowledgement: ephemeral unless it says otherwise."""
        if not answer.get("text") and not answer.get("blocks"):
            return None
        content = checked_content(str(answer.get("text", "")), answer.get("blocks"), self.mint)
        only = None if answer.get("response_type") == "in_channel" else user.id
        return self.messages.post(channel.id, self.app.bot_user_id, content, ephemeral_to=only)

    async def _interact(self, user: User, payload: Json) -> Seen:
        try:
            await self._deliver("interactive", payload)
        except UndeliveredError as error:
            return failure(self.app.name, "This action", error.code)
        return Seen(Outcome.ACCEPTED, view=self._top(user.id))

    async def _ask(self, found: elements.Found, payload: Json) -> Sequence[Json]:
        try:
            answer = await self._deliver("interactive", payload, accepts_response=True)
        except UndeliveredError:
            return ()
        options = elements.offered(answer)
        self._suggested[found.action_id] = [*options, *self._suggested.get(found.action_id, ())]
        return options

    async def _tell(self, payload: Json) -> None:
        """Delivers what the person does not wait for and sees no failure of."""
        try:
            await self._deliver("interactive", payload)
        except UndeliveredError:
            return

    async def _event(self, event: Json, subscription: str) -> str:
        if subscription not in self.app.bot_events:
            return ""
        return await self._events.send(Envelope(self.mint.secret(), "events_api", self.payloads.event(event)))

    async def _deliver(self, kind: Kind, payload: Json, *, accepts_response: bool = False) -> Json:
        return await self._send(Envelope(self.mint.secret(), kind, payload, accepts_response))

    async def _send(self, envelope: Envelope) -> Json:
        self.envelopes.append(envelope)
        answer = await self.delivery.deliver(envelope)
        for attempt in range(1, self.faults.redeliveries + 1):
            with suppress(UndeliveredError):
                await self.redeliver(envelope, attempt)
        return answer
