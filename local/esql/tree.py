"""The syntax tree: what was written, and where. Nothing here knows a type or whether a name exists."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Offsets into the query text, `end` excluded."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: `None`, a number, a boolean, a string, or a tuple of one of them for `[a, b]`."""

    span: Span
    value: object


@dataclass(frozen=True, slots=True)
class Timespan:
    """`7 days`: an amount and the unit as written."""

    span: Span
    amount: int
    unit: str


@dataclass(frozen=True, slots=True)
class Name:
    """A reference to a column by its full dotted name."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function call, as written; operators are calls too, by their symbol: `==`, `+`, `in`, `is null`."""

    span: Span
    function: str
    arguments: tuple["Expression", ...]
    options: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Star:
    """The `*` of `COUNT(*)`."""

    span: Span


@dataclass(frozen=True, slots=True)
class Logic:
    """A whole chain `a AND b AND c` (or `OR`): flat, because people write hundreds of them."""

    span: Span
    operator: str
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """`expression::type`."""

    span: Span
    operand: "Expression"
    type_name: str
    type_span: Span


@dataclass(frozen=True, slots=True)
class Like:
    """`LIKE` (`*`, `?`) or `RLIKE` (Lucene regular expression) against one or several patterns."""

    span: Span
    operand: "Expression"
    patterns: tuple["Expression", ...]
    is_regex: bool


Expression = Literal | Timespan | Name | Call | Star | Logic | Cast | Like


def shape(node: Expression) -> tuple[object, ...]:  # noqa: PLR0911  # one for each kind
    """What an expression says, wherever it stands: equal for two that differ in blanks and case only."""
    match node:
        case Literal():
            return "literal", type(node.value), node.value
        case Timespan():
            return "timespan", node.amount, node.unit.lower()
        case Name():
            return "name", node.name
        case Star():
            return ("star",)
        case Call():
            return "call", node.function.lower(), node.options, *map(shape, node.arguments)
        case Logic():
            return "logic", node.operator, *map(shape, node.operands)
        case Cast():
            return "cast", node.type_name.lower(), shape(node.operand)
        case Like():
            return "like", node.is_regex, shape(node.operand), *map(shape, node.patterns)


@dataclass(frozen=True, slots=True)
class Field:
    """`name = expression WHERE filter`; without a name the column is called by its source text."""

    span: Span
    name: str | None
    value: Expression
    filter: Expression | None = None
    name_span: Span | None = None


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A name in KEEP, DROP or RENAME; `parts` alternate literal text and the wildcards between them."""

    span: Span
    name: str
    parts: tuple[str, ...]

    @property
    def is_pattern(self) -> bool:
        return len(self.parts) > 1

    @property
    def is_star(self) -> bool:
        return self.parts == ("", "")


@dataclass(frozen=True, slots=True)
class Order:
    """One key of SORT."""

    span: Span
    value: Expression
    is_descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class From:
    span: Span
    patterns: tuple[tuple[Span, str], ...]
    metadata: tuple[tuple[Span, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    span: Span
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Where:
    span: Span
    condition: Expression


@dataclass(frozen=True, slots=True)
class Eval:
    span: Span
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Stats:
    """`STATS` and `INLINE STATS`."""

    span: Span
    aggregates: tuple[Field, ...]
    groups: tuple[Field, ...]
    is_inline: bool


@dataclass(frozen=True, slots=True)
class Keep:
    span: Span
    patterns: tuple[NamePattern, ...]


@dataclass(frozen=True, slots=True)
class Drop:
    span: Span
    patterns: tuple[NamePattern, ...]


@dataclass(frozen=True, slots=True)
class Rename:
    """Pairs of (old, new), applied from left to right."""

    span: Span
    pairs: tuple[tuple[NamePattern, NamePattern], ...]


@dataclass(frozen=True, slots=True)
class Sort:
    span: Span
    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    span: Span
    count: Expression
    groups: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Dissect:
    span: Span
    value: Expression
    pattern: str
    append_separator: str


@dataclass(frozen=True, slots=True)
class Grok:
    span: Span
    value: Expression
    patterns: tuple[tuple[Span, str], ...]


@dataclass(frozen=True, slots=True)
class MvExpand:
    span: Span
    name: NamePattern


Command = From | Row | Where | Eval | Stats | Keep | Drop | Rename | Sort | Limit | Dissect | Grok | MvExpand


@dataclass(frozen=True, slots=True)
class Query:
    """A source command and what its rows are piped through."""

    commands: tuple[Command, ...]
