"""The checker: rules are functions from a JSON value to the problems it has, built by combining."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from local.slack.model import Json


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: where (a JSON pointer), what kind, and Slack's sentence for it.

    ``constraint`` and ``field`` are the extra facts that ``blocks.validate`` reports.
    """

    pointer: str
    code: str
    message: str
    constraint: Json | None = None
    field: str | None = None

    @property
    def line(self) -> str:
        """As ``response_metadata.messages`` shows it."""
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"

    @property
    def as_json(self) -> Json:
        """As an entry of ``blocks.validate``'s ``errors``."""
        facts = {"pointer": self.pointer, "code": self.code, "message": self.message}
        extra = {"constraint": self.constraint, "field": self.field}
        return facts | {name: value for name, value in extra.items() if value is not None}


Rule: TypeAlias = Callable[[Any, str], Iterator[Problem]]


def failed(pointer: str, message: str, **constraint: Any) -> Problem:
    return Problem(pointer, "failed_constraint", message, constraint or None)


def string(*, most: int | None = None, least: int = 0, pattern: str | None = None) -> Rule:
    form = re.compile(pattern) if pattern else None

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield failed(at, "must be a string", type="type", expected="string")
        elif len(value) < least:
            yield failed(at, f"must be more than {least - 1} characters", type="min_length", expected=least)
        elif most is not None and len(value) > most:
            yield failed(at, f"must be less than {most + 1} characters", type="max_length", expected=most)
        elif form and not form.fullmatch(value):
            yield failed(at, "does not match the expected format", type="pattern", expected=form.pattern)

    return check


def url(*schemes: str) -> Rule:
    """A link of at most 3000 characters with one of the schemes, http and https unless named."""
    prefixes = tuple(f"{scheme}:" for scheme in schemes or ("http", "https"))
    text = string(least=1, most=3000)

    def check(value: Any, at: str) -> Iterator[Problem]:
        problems = list(text(value, at))
        yield from problems
        if not problems and not value.lower().startswith(prefixes):
            yield failed(at, "must be a valid URL", type="format", expected="url")

    return check


def integer(least: int, most: int) -> Rule:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield failed(at, "must be an integer", type="type", expected="integer")
        elif not least <= value <= most:
            yield failed(at, f"must be between {least} and {most}", type="range", expected=[least, most])

    return check


def number(value: Any, at: str) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield failed(at, "must be a number", type="type", expected="number")


def boolean(value: Any, at: str) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield failed(at, "must be a boolean", type="type", expected="boolean")


def one_of(*allowed: str) -> Rule:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if value not in allowed:
            yield failed(at, f"must be one of: {', '.join(allowed)}", type="enum", expected=list(allowed), got=value)

    return check


def array(item: Rule, *, least: int = 1, most: int | None = None) -> Rule:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield failed(at, "must be an array", type="type", expected="array")
            return
        if len(value) < least:
            yield failed(at, f"no fewer than {least} items allowed", type="min_items", expected=least)
        if most is not None and len(value) > most:
            yield failed(at, f"no more than {most} items allowed", type="max_items", expected=most)
        for index, element in enumerate(value):
            yield from item(element, f"{at}/{index}")

    return check


def nullable(rule: Rule) -> Rule:
    return lambda value, at: iter(()) if value is None else rule(value, at)


def obj(
    required: Mapping[str, Rule] | None = None,
    optional: Mapping[str, Rule] | None = None,
    rules: Collection[Rule] = (),
) -> Rule:
    """An object with exactly these fields; ``rules`` see it as a whole once its fields are sound.

    An optional field that is null counts as absent.
    """
    needed, fields = required or {}, {**(required or {}), **(optional or {})}

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield failed(at, "must be an object", type="type", expected="object")
            return
        problems = [*_missing(value, needed, at), *_unknown(value, fields, at), *_fields(value, fields, at)]
        yield from problems
        if not problems:
            for rule in rules:
                yield from rule(value, at)

    return check


def typed(kinds: Mapping[str, Rule]) -> Rule:
    """An object whose ``type`` says which rule it follows."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield failed(at, "must be an object", type="type", expected="object")
            return
        kind = value.get("type")
        if kind is None:
            yield Problem(at, "missing_required_field", "missing required field: type", field="type")
        elif not isinstance(kind, str) or kind not in kinds:
            expected = {"type": "enum", "expected": sorted(kinds), "got": kind}
            yield Problem(f"{at}/type", "failed_constraint", f"unsupported type: {kind}", expected)
        else:
            yield from kinds[kind](value, at)

    return check


def variant(
    required: Mapping[str, Rule] | None = None,
    optional: Mapping[str, Rule] | None = None,
    rules: Collection[Rule] = (),
) -> Rule:
    """An ``obj`` inside ``typed``: its type is already known to be right."""
    return obj({"type": string()} | dict(required or {}), optional, rules)


# --- rules over a whole object ------------------------------------------------------------------------


def some_of(*names: str) -> Rule:
    def check(value: Json, at: str) -> Iterator[Problem]:
        if not any(value.get(name) for name in names):
            yield Problem(at, "missing_required_field", f"one of these is required: {', '.join(names)}")

    return check


def at_most_one_of(*names: str) -> Rule:
    def check(value: Json, at: str) -> Iterator[Problem]:
        if sum(value.get(name) is not None for name in names) > 1:
            yield failed(at, f"only one of these is allowed: {', '.join(names)}")

    return check


def unique(values: Sequence[tuple[str, str]], field: str) -> Iterator[Problem]:
    """Each ``(value, pointer)`` once."""
    seen: set[str] = set()
    for value, at in values:
        if value in seen:
            yield failed(at, f"`{field}` {value} already exists", type="unique", expected=field)
        seen.add(value)


def _missing(value: Json, needed: Mapping[str, Rule], at: str) -> Iterator[Problem]:
    for name in needed:
        if value.get(name) is None:
            yield Problem(at, "missing_required_field", f"missing required field: {name}", field=name)


def _unknown(value: Json, fields: Mapping[str, Rule], at: str) -> Iterator[Problem]:
    for name in value:
        if name not in fields:
            yield Problem(at, "additional_property", f"invalid additional property: {name}", field=name)


def _fields(value: Json, fields: Mapping[str, Rule], at: str) -> Iterator[Problem]:
    for name, rule in fields.items():
        if value.get(name) is not None:
            yield from rule(value[name], f"{at}/{name}")
