"""Values given beside the query text: `?`, `?1` and `?name`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local.esql.errors import ArgumentError

Scalar = None | bool | int | float | str
Value = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Parameters:
    """The values by position (from 0) and by name; a request has one of the two."""

    positional: tuple[Value, ...] = ()
    named: Mapping[str, Value] | None = None

    @classmethod
    def from_request(cls, params: Sequence[object] | Mapping[str, object]) -> "Parameters":
        """Reads `[v, ...]`, `[{"name": v}, ...]` (the request's form) or `{"name": v}`.

        Raises:
            ArgumentError: both forms are mixed, or a value is neither scalar nor a list of scalars.
        """
        if isinstance(params, Mapping):
            return cls((), {name: _value(value) for name, value in params.items()})
        if not any(isinstance(item, Mapping) for item in params):
            return cls(tuple(_value(value) for value in params))
        named: dict[str, Value] = {}
        for item in params:
            if not isinstance(item, Mapping) or len(item) != 1:
                raise ArgumentError("Params cannot contain both named and unnamed parameters")
            ((name, value),) = item.items()
            named[str(name)] = _value(value["value"] if isinstance(value, Mapping) and "value" in value else value)
        return cls(tuple(named.values()), named)


def _value(value: object) -> Value:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple():
            items = [_value(item) for item in value]
            if not any(isinstance(item, tuple) for item in items):
                return tuple(item for item in items if not isinstance(item, tuple))
    raise ArgumentError(f"[{value}] is not a supported value for a query parameter")
