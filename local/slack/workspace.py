"""One workspace in memory: what people do in it, and the rooms the Web API works on."""

from collections.abc import AsyncIterator, Sequence

from local.slack.model import App, Change, Channel, Chosen, Message, Notified, Seen, Team, User, UserGroup, Values, View


class Workspace:
    """Signatures first; the rooms behind them follow."""

    team: Team
    app: App
    command_hints: dict[str, str]  # "/hunt" -> its usage hint, for autocompletion

    # --- what a person can look at ---

    @property
    def users(self) -> Sequence[User]: ...  # the bot's user among them (is_bot)
    @property
    def usergroups(self) -> Sequence[UserGroup]: ...
    def user(self, user_id: str) -> User: ...  # SlackError user_not_found
    def channel(self, channel_id: str) -> Channel: ...  # SlackError channel_not_found
    def channels_of(self, user_id: str) -> Sequence[Channel]: ...  # what the sidebar shows, IMs included
    def messages_for(self, user_id: str, channel_id: str) -> Sequence[Message]: ...  # oldest first, no replies
    def thread_for(self, user_id: str, channel_id: str, thread_ts: str) -> Sequence[Message]: ...  # parent first
    def modals_of(self, user_id: str) -> Sequence[View]: ...  # the stack, topmost last
    def home_of(self, user_id: str) -> View | None: ...
    def notifications_of(self, user_id: str) -> Sequence[Notified]: ...
    def subscribe(self, user_id: str) -> AsyncIterator[Change]: ...  # registered at the call, not at first next

    # --- what a person does; each returns what that person would see ---

    async def run_command(
        self, user_id: str, channel_id: str, command: str, text: str = "", thread_ts: str | None = None
    ) -> Seen: ...
    async def press(
        self,
        user_id: str,
        channel_id: str,
        ts: str,
        action_id: str,
        block_id: str | None = None,
        chosen: Chosen = None,
        values: Values | None = None,  # other inputs of the message
    ) -> Seen: ...
    async def press_in_view(
        self,
        user_id: str,
        view_id: str,
        action_id: str,
        block_id: str | None = None,
        chosen: Chosen = None,
        values: Values | None = None,  # what stands in the form's other inputs
    ) -> Seen: ...
    async def submit_view(self, user_id: str, view_id: str, values: Values) -> Seen: ...
    async def close_view(self, user_id: str, view_id: str, *, whole_stack: bool = False) -> Seen: ...
    async def open_home(self, user_id: str) -> Seen: ...
    async def say(self, user_id: str, channel_id: str, text: str, thread_ts: str | None = None) -> Message: ...
    async def shortcut(self, user_id: str, callback_id: str) -> Seen: ...
    async def suggest(
        self, user_id: str, view_id: str, action_id: str, block_id: str, query: str
    ) -> Sequence[dict[str, object]]: ...  # options of an external select
    def dismiss(self, user_id: str, channel_id: str, ts: str) -> None: ...  # an ephemeral message
