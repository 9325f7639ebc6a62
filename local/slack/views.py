"""The views people have open: a stack of modals each, and one Home tab each."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from local.slack.blockkit import check_view, with_ids
from local.slack.changes import ChangeFeed
from local.slack.content import invalid
from local.slack.errors import SlackError
from local.slack.mint import Mint
from local.slack.model import HomePublished, Json, View, ViewClosed, ViewOpened, ViewUpdated

STACK_LIMIT = 3  # views in a modal, https://docs.slack.dev/surfaces/modals
VIEW_BYTES_LIMIT = 250_000


class ViewDesk:
    def __init__(self, mint: Mint, feed: ChangeFeed) -> None:
        self._mint = mint
        self._feed = feed
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def stack(self, user_id: str) -> Sequence[View]:
        """The modals a person has open, the topmost last."""
        return tuple(self._stacks.get(user_id, ()))

    def home(self, user_id: str) -> View | None:
        return self._homes.get(user_id)

    def get(self, view_id: str) -> View:
        """An open modal or a published Home tab; raises SlackError ``not_found``."""
        return self._find(lambda view: view.id == view_id)

    def by_external_id(self, external_id: str) -> View:
        return self._find(lambda view: view.external_id == external_id)

    def open(self, user_id: str, raw: Any) -> View:
        """Opens a modal; one that was open goes away with its whole stack."""
        payload = self._checked(raw, "modal")
        self.close_all(user_id)
        return self._open(user_id, payload, None)

    def push(self, user_id: str, raw: Any) -> View:
        """Lays a modal on top of the open one.

        Raises:
            SlackError: ``not_found`` without an open modal, ``push_limit_reached`` on the fourth.
        """
        payload = self._checked(raw, "modal")
        stack = self.stack(user_id)
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= STACK_LIMIT:
            raise SlackError("push_limit_reached")
        return self._open(user_id, payload, stack[-1])

    def update(self, view: View, raw: Any, if_hash: str | None = None) -> View:
        """Replaces what a view shows.

        Raises:
            SlackError: ``hash_conflict`` when the view changed since ``if_hash``.
        """
        payload = self._checked(raw, view.kind, replacing=view)
        if if_hash is not None and if_hash != view.hash:
            raise SlackError("hash_conflict")
        updated = replace(view, payload=payload, hash=self._mint.hash())
        self._put(updated)
        change = HomePublished(updated) if view.kind == "home" else ViewUpdated(updated)
        self._feed.tell((view.user,), change)
        return updated

    def publish(self, user_id: str, raw: Any, if_hash: str | None = None) -> View:
        """Shows a Home tab to one person, replacing the one before."""
        current = self._homes.get(user_id)
        if current is not None:
            return self.update(current, raw, if_hash)
        payload = self._checked(raw, "home")
        view_id = self._mint.id("V")
        view = View(view_id, self._mint.hash(), user_id, "home", payload, root_view_id=view_id)
        self._homes[user_id] = view
        self._feed.tell((user_id,), HomePublished(view))
        return view

    def remember(self, view: View, state: Json) -> View:
        """Keeps what the person filled in, as the app was last told."""
        kept = replace(view, state=state)
        self._put(kept)
        return kept

    def close(self, view: View) -> View | None:
        """Takes a modal and everything above it away; gives the one that shows now."""
        stack = self._stacks.get(view.user, [])
        at = next((index for index, shown in enumerate(stack) if shown.id == view.id), len(stack))
        for shown in reversed(stack[at:]):
            self._feed.tell((view.user,), ViewClosed(shown.id))
        del stack[at:]
        return stack[-1] if stack else None

    def close_all(self, user_id: str) -> None:
        stack = self._stacks.get(user_id)
        if stack:
            self.close(stack[0])

    # --- inside ---

    def _open(self, user_id: str, payload: Json, below: View | None) -> View:
        view_id = self._mint.id("V")
        view = View(
            id=view_id,
            hash=self._mint.hash(),
            user=user_id,
            kind="modal",
            payload=payload,
            root_view_id=below.root_view_id if below else view_id,
            previous_view_id=below.id if below else None,
        )
        self._stacks.setdefault(user_id, []).append(view)
        self._feed.tell((user_id,), ViewOpened(view))
        return view

    def _put(self, view: View) -> None:
        if view.kind == "home":
            self._homes[view.user] = view
            return
        stack = self._stacks[view.user]
        stack[:] = [view if shown.id == view.id else shown for shown in stack]

    def _all(self) -> Sequence[View]:
        return [*(view for stack in self._stacks.values() for view in stack), *self._homes.values()]

    def _find(self, is_wanted: Callable[[View], bool]) -> View:
        found = next((view for view in self._all() if is_wanted(view)), None)
        if found is None:
            raise SlackError("not_found")
        return found

    def _checked(self, raw: Any, kind: str, replacing: View | None = None) -> Json:
        """The payload with ids filled in.

        Raises:
            SlackError: ``view_too_large``, ``invalid_arguments`` naming each fault, or
                ``duplicate_external_id``.
        """
        if len(json.dumps(raw)) > VIEW_BYTES_LIMIT:
            raise SlackError("view_too_large")
        problems = check_view(raw, kind)
        if problems:
            raise invalid("invalid_arguments", problems)
        external_id = raw.get("external_id")
        owner = next((view for view in self._all() if external_id and view.external_id == external_id), None)
        if owner is not None and (replacing is None or owner.id != replacing.id):
            raise SlackError("duplicate_external_id")
        return {**raw, "blocks": with_ids(raw["blocks"], self._mint.secret)}
