"""What is wrong with a query before any Elasticsearch sees it: rules over its tree, and over its typed plan."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum

import pyarrow as pa

from local.esql import tree
from local.esql.analysis import DEFAULT_LIMIT, MAX_LIMIT, Surroundings, analyze
from local.esql.catalog import Catalog, Index, Relation
from local.esql.database import Database
from local.esql.errors import EsqlError, ParsingError, Problem, UnsupportedError, VerificationError
from local.esql.expressions import TOO_DEEP
from local.esql.functions.model import Many, parameter_at
from local.esql.lexer import Kind, Source, Token, tokenize
from local.esql.parameters import Parameters, Scalar
from local.esql.parser import parse
from local.esql.plan import (
    AllOf,
    Apply,
    Expr,
    Extend,
    Extract,
    Filter,
    Group,
    InlineGroup,
    Plan,
    Ref,
    Scan,
    Sort,
    Stage,
)
from local.esql.sql_expressions import constant_statement
from local.wanted import Deadline


class Rule(Enum):
    """What is looked for; the value is its name in reports."""

    SINGLE_EQUALS = "single-equals"
    SWAPPED_ARGUMENTS = "swapped-arguments"
    NO_LIMIT = "no-limit"
    REFUSED = "refused"  # Elasticsearch would not run it, in its own words
    UNKNOWN_FIELD = "unknown-field"
    SEVERAL_VALUES = "several-values"


WARNINGS = frozenset({Rule.UNKNOWN_FIELD, Rule.SEVERAL_VALUES})


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a query and where it stands: line and column from 1, as Elasticsearch counts."""

    rule: Rule
    line: int
    column: int
    message: str

    @property
    def is_fault(self) -> bool:
        return self.rule not in WARNINGS


@dataclass(frozen=True, slots=True)
class Report:
    """`columns` are the answer's, None where they are not known; `unseen` says why not all rules were asked."""

    remarks: tuple[Remark, ...]
    columns: tuple[str, ...] | None = None
    unseen: str = ""

    @property
    def is_refused(self) -> bool:
        return any(remark.rule is Rule.REFUSED for remark in self.remarks)


_TWO = ("192.0.2.1", "192.0.2.2")  # values for a keyword and an address alike


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields of all indices whose names begin with `prefix`, each with as many values as it may hold."""

    prefix: str
    index: Index

    @classmethod
    def of(cls, prefix: str, types: Mapping[str, str], several: Collection[str]) -> "Schema":
        """`types` are the mapping, `several` the fields that may hold more than one value."""
        table = pa.table({name: [list(_TWO)] for name in sorted(several)})
        return cls(prefix, Index.of_table(f"{prefix}-schema", types, table))

    def covers(self, command: tree.From) -> bool:
        return all(text.lstrip("-").startswith(self.prefix) for _, text in command.patterns)


STAND_INS: tuple[Scalar, ...] = (_TWO[0], None)
"""What a parameter is taken for: a text that is an address too, and where that does not fit nothing at all."""


def lint(text: str, schema: Schema, now_ms: int, known: Mapping[str, Scalar]) -> Report:
    """Every rule over a query. `known` are values for some of its parameters; the others may hold anything."""
    report = Report(())
    for stand_in in STAND_INS:
        report = _lint(text, schema, now_ms, known, stand_in)
        if not report.is_refused:
            break
    return report


def _lint(text: str, schema: Schema, now_ms: int, known: Mapping[str, Scalar], stand_in: Scalar) -> Report:
    source, remarks = Source(text), list[Remark]()
    try:
        query, source = _parsed(source, known, stand_in, remarks)
    except UnsupportedError as error:
        return Report(tuple(remarks), unseen=error.problems[0].message)
    except ParsingError as error:
        return Report((*remarks, _explained(source, error.problems[0])))
    for rule, look in _TREE_RULES.items():
        remarks += (_remark(source, rule, start, message) for start, message in look(query, source))
    report = _planned(query, source, schema, now_ms)
    return replace(report, remarks=tuple(sorted((*remarks, *report.remarks), key=lambda r: (r.line, r.column))))


def _remark(source: Source, rule: Rule, start: int, message: str) -> Remark:
    return Remark(rule, *source.position(start), message)


# --- the text --------------------------------------------------------------------------------------


def _parsed(
    source: Source, known: Mapping[str, Scalar], stand_in: Scalar, remarks: list[Remark]
) -> tuple[tree.Query, Source]:
    """The tree. A `=` that compares is noted and read as `==` where there is a blank to spend, so that every place
    stays what it was.

    Raises:
        ParsingError, UnsupportedError: what else is wrong first.
    """
    while True:
        tokens = tokenize(source)
        try:
            return parse(source, _parameters(tokens, known, stand_in)), source
        except ParsingError as error:
            remark = _explained(source, error.problems[0])
            mended = _mended(source, _token_at(source, tokens, error.problems[0]))
            if remark.rule is not Rule.SINGLE_EQUALS or mended is None:
                raise
            remarks.append(remark)
            source = mended


def _parameters(tokens: Iterable[Token], known: Mapping[str, Scalar], stand_in: Scalar) -> Parameters:
    names = [token.text.lstrip("?") for token in tokens if token.kind is Kind.PARAMETER]
    return Parameters((stand_in,) * len(names), {name: known.get(name, stand_in) for name in names})


def _mended(source: Source, token: Token | None) -> Source | None:
    """The same text with `==` for a `=` and the blank beside it."""
    if token is None or token.text != "=":
        return None
    before, after = source.text[token.start - 1], source.text[token.end : token.end + 1]
    if after == " ":
        return Source(f"{source.text[: token.start]}=={source.text[token.end + 1 :]}")
    return Source(f"{source.text[: token.start - 1]}=={source.text[token.end :]}") if before == " " else None


def _explained(source: Source, problem: Problem) -> Remark:
    """A refusal of the parser; the two that people make most often in plainer words."""
    try:
        tokens = tokenize(source)
    except ParsingError:
        tokens = []
    token = _token_at(source, tokens, problem)
    place = (problem.line, problem.column)
    if token is not None and token.text == "=":
        return Remark(Rule.SINGLE_EQUALS, *place, "= gives a name to a value; what compares is ==")
    before = [other.word for other in tokens if token is not None and other.end <= token.start]
    if token is not None and token.kind is Kind.NAME and before and before[-1] in {"like", "rlike"}:
        words = f"{before[-1].upper()} takes the field on its left and the pattern, a text, on its right"
        return Remark(Rule.SWAPPED_ARGUMENTS, *place, words)
    return Remark(Rule.REFUSED, *place, problem.message)


def _token_at(source: Source, tokens: Iterable[Token], problem: Problem) -> Token | None:
    place = (problem.line, problem.column)
    return next((token for token in tokens if source.position(token.start) == place), None)


# --- the tree --------------------------------------------------------------------------------------

Complaints = Iterator[tuple[int, str]]  # where it begins in the text, and what is wrong

# Which argument is the field (from 0, or from the end). Source: the reference of ES|QL's functions.
FIELD_AT: Mapping[str, int] = {
    **dict.fromkeys(("starts_with", "ends_with", "contains", "locate", "replace", "split", "substring"), 0),
    **dict.fromkeys(("left", "right", "repeat", "cidr_match", "ip_prefix", "match", "match_phrase", "bucket"), 0),
    **dict.fromkeys(("mv_contains", "mv_slice", "mv_concat", "mv_sort", "mv_zip"), 0),
    **dict.fromkeys(("date_trunc", "date_extract", "date_format", "date_parse"), -1),
}


def _swapped_arguments(query: tree.Query, source: Source) -> Complaints:
    """A constant where the field belongs, and a column among the rest: it runs, and finds nothing."""
    for call in _calls(query):
        place = FIELD_AT.get(call.function.lower())
        if place is None or len(call.arguments) < 2:  # noqa: PLR2004 - one argument has nothing to swap with
            continue
        subject = call.arguments[place]
        others = [argument for argument in call.arguments if argument is not subject]
        if _is_written_out(subject, source) and any(isinstance(other, tree.Name) for other in others):
            where = "first" if place == 0 else "last"
            written = source.text[subject.span.start : subject.span.end]
            yield call.span.start, f"{call.function.upper()} takes the field {where}, and {written} stands there"


def _is_written_out(node: tree.Expression, source: Source) -> bool:
    """A single constant in the text; a parameter may well be what is looked into, and so may a list."""
    if isinstance(node, tree.Timespan):
        return True
    is_single = isinstance(node, tree.Literal) and not isinstance(node.value, tuple | None)
    return is_single and not source.text.startswith("?", node.span.start)


def _no_limit(query: tree.Query, _: Source) -> Complaints:
    """Rows, not groups, and no word on how many."""
    is_bounded = any(isinstance(command, tree.Limit) or _aggregates(command) for command in query.commands)
    if isinstance(query.commands[0], tree.From) and not is_bounded:
        cut = f"Elasticsearch keeps {DEFAULT_LIMIT:,} rows of it without a word; LIMIT {MAX_LIMIT} is the most"
        yield query.commands[-1].span.start, f"there is no LIMIT: {cut}"


def _aggregates(command: tree.Command) -> bool:
    return isinstance(command, tree.Stats) and not command.is_inline


_TREE_RULES: Mapping[Rule, Callable[[tree.Query, Source], Complaints]] = {
    Rule.SWAPPED_ARGUMENTS: _swapped_arguments,
    Rule.NO_LIMIT: _no_limit,
}


def _calls(query: tree.Query) -> Iterator[tree.Call]:
    """Every call of a query, in no order; without recursion, for people nest them deeply."""
    left: list[object] = list(query.commands)
    while left:
        node = left.pop()
        if isinstance(node, tree.Call):
            yield node
        if isinstance(node, tuple):
            left += node
        elif is_dataclass(node):
            left += (getattr(node, each.name) for each in fields(node))


# --- the plan --------------------------------------------------------------------------------------


def _planned(query: tree.Query, source: Source, schema: Schema, now_ms: int) -> Report:
    """What names and types say, where the fields are known."""
    origin, relation = query.commands[0], Relation()
    if isinstance(origin, tree.From):
        if not schema.covers(origin):
            return Report((), unseen=f"only the fields of {schema.prefix}-* are known here")
        origin = replace(origin, patterns=((origin.patterns[0][0], schema.index.name),))
        relation = Catalog([schema.index]).relation(origin, source)
    known, database = tree.Query((origin, *query.commands[1:])), Database()
    try:
        around = Surroundings(relation, None, now_ms)
        plan = analyze(known, source, around, lambda constant: _folded(database, constant))
        several = tuple(_several_values(plan))
    except UnsupportedError as error:
        return Report((), unseen=error.problems[0].message)
    except (VerificationError, ParsingError) as error:
        return Report(tuple(_misfit(known, source, problem) for problem in error.problems))
    except EsqlError as error:
        return Report((Remark(Rule.REFUSED, 1, 1, error.reason),))
    except RecursionError:
        return Report((Remark(Rule.REFUSED, 1, 1, TOO_DEEP),))
    finally:
        database.close()
    return Report(several, tuple(output.name for output in plan.outputs))


def _folded(database: Database, constant: Expr) -> object:
    session = database.new_session(Deadline())
    ((value,),) = database.run(session, constant_statement(constant, session.name))
    return tuple(value) if isinstance(value, list) else value


def _misfit(query: tree.Query, source: Source, problem: Problem) -> Remark:
    """A field that nobody named before may be one of the index's own; a column that KEEP or STATS let go is gone."""
    before = [c for c in query.commands if source.position(c.span.end) <= (problem.line, problem.column)]
    is_closed = any(isinstance(command, tree.Keep) or _aggregates(command) for command in before)
    is_field = problem.message.startswith("Unknown column") and not is_closed
    words = f"{problem.message}; it is a fault unless your index has such a field" if is_field else problem.message
    return Remark(Rule.UNKNOWN_FIELD if is_field else Rule.REFUSED, problem.line, problem.column, words)


_MV_EXPAND = "MV_EXPAND {field} before it, or take one value by MV_MIN, MV_MAX, MV_FIRST"
_CURES: Mapping[str, str] = {
    "==": "ask MV_CONTAINS({field}, …)",
    "in": "ask MV_CONTAINS({field}, …) for each value, with OR between",
    "!=": "ask NOT MV_CONTAINS({field}, …)",
    "like": 'ask MV_CONCAT({field}, "\\n") LIKE "*…*", or MV_EXPAND {field} before it; MV_CONTAINS for whole values',
    **dict.fromkeys(("<", "<="), "ask MV_MIN({field})"),
    **dict.fromkeys((">", ">="), "ask MV_MAX({field})"),
}


def _several_values(plan: Plan) -> Iterator[Remark]:
    """Functions of one value over what may hold several: null there, whatever the values are.

    Source: https://www.elastic.co/docs/reference/query-languages/esql/esql-multivalued-fields (functions).
    """
    names = {ref.column: name for stage in plan.stages if isinstance(stage, Scan) for name, ref in stage.columns}
    for call in _applied(plan):
        for place, argument in enumerate(call.arguments):
            if argument.is_many and _takes_one(call, place):
                field = names.get(argument.column, "the field") if isinstance(argument, Ref) else "the field"
                cure = _CURES.get(call.function.name, _MV_EXPAND).format(field=field)
                words = f"{call.origin.text} is null where {field} holds several values: {cure}"
                yield Remark(Rule.SEVERAL_VALUES, call.origin.line, call.origin.column, words)


def _takes_one(call: Apply, place: int) -> bool:
    row = call.function
    match row.many:
        case Many.EACH if place == 0:
            return False
        case Many.ANY_ARGUMENT:  # CASE and COALESCE: what they choose from may be anything, a condition may not
            return row.name == "case" and place % 2 == 0 and place < len(call.arguments) - 1
        case _:
            return not (row.takes_anything or parameter_at(row, place).takes_list)


def _applied(plan: Plan) -> Iterator[Apply]:
    left = [expression for stage in plan.stages for expression in _expressions(stage)]
    while left:
        match left.pop():
            case Apply() as call:
                yield call
                left += call.arguments
            case AllOf(operands=operands):
                left += operands


def _expressions(stage: Stage) -> Iterator[Expr]:
    match stage:
        case Filter():
            yield stage.condition
        case Extend():
            yield from (value for _, value in stage.columns)
        case Extract():
            yield stage.value
        case Sort():
            yield from (value for _, value, _, _ in stage.keys)
        case Group() | InlineGroup():
            for measure in stage.measures:
                yield from measure.arguments
                if measure.filter is not None:
                    yield measure.filter
            if isinstance(stage, InlineGroup):
                yield from (value for _, value in stage.calculated)
