"""What a query answered: typed columns and rows, as Elasticsearch's ES|QL response gives them."""

from dataclasses import dataclass

Scalar = str | int | float | bool
Value = Scalar | None | tuple[Scalar, ...]

TIME_TYPES = frozenset({"date", "date_nanos"})
NUMBER_TYPES = frozenset({"byte", "short", "integer", "long", "unsigned_long", "float", "half_float", "double"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and its ES|QL type name, such as `keyword`, `date` or `long`."""

    name: str
    type: str

    @property
    def is_time(self) -> bool:
        return self.type in TIME_TYPES

    @property
    def is_number(self) -> bool:
        return self.type in NUMBER_TYPES


@dataclass(frozen=True, slots=True)
class Rows:
    """An answer; `is_partial` where Elasticsearch could not ask every shard. Dates are ISO 8601 in UTC."""

    columns: tuple[Column, ...]
    values: tuple[tuple[Value, ...], ...]
    took_ms: int = 0
    is_partial: bool = False
    warnings: tuple[str, ...] = ()
