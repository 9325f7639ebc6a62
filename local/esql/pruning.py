"""Leaves out of a plan what no column of the result needs: a hunt names a few of an index's many fields."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from local.esql.plan import (
    AllOf,
    Apply,
    Const,
    Expand,
    Expr,
    Extend,
    Extract,
    Filter,
    Group,
    InlineGroup,
    Limit,
    Measure,
    Plan,
    Ref,
    Scan,
    Sort,
    Stage,
)


def columns_of(expression: Expr) -> frozenset[str]:
    """The columns that an expression reads."""
    match expression:
        case Ref():
            return frozenset({expression.column})
        case Const():
            return frozenset()
        case Apply():
            return _all(expression.arguments)
        case AllOf():
            return _all(expression.operands)


def _all(expressions: Iterable[Expr]) -> frozenset[str]:
    return frozenset[str]().union(*map(columns_of, expressions))


def expressions_in(stage: Stage) -> Sequence[Expr]:
    """What a stage works out of the columns before it."""
    match stage:
        case Extend():
            return [value for _, value in stage.columns]
        case Filter():
            return [stage.condition]
        case Extract():
            return [stage.value]
        case Sort():
            return [value for _, value, _, _ in stage.keys]
        case Group() | InlineGroup():
            return [argument for measure in stage.measures for argument in measure.arguments]
        case _:
            return []


def pruned(plan: Plan) -> Plan:
    """The same rows from fewer columns, walking from the result to the source."""
    live = frozenset(output.column.column for output in plan.outputs)
    kept: list[tuple[Stage, frozenset[str]]] = []
    for stage in reversed(plan.stages):
        needed = _needed(stage, live)
        if needed is not None:
            kept.append((needed[0], live))
            live = needed[1]
    kept.reverse()
    return replace(plan, stages=tuple(stage for stage, _ in kept), live=tuple(after for _, after in kept))


def _needed(stage: Stage, live: frozenset[str]) -> tuple[Stage, frozenset[str]] | None:
    """A stage without what is not read after it, and what it reads itself; None for a stage that is not needed."""
    match stage:
        case Scan():
            return replace(stage, columns=tuple(c for c in stage.columns if c[1].column in live)), live
        case Extend():
            columns = tuple(c for c in stage.columns if c[0] in live)
            return (Extend(columns), live | _all(value for _, value in columns)) if columns else None
        case Extract():
            outputs = tuple(output for output in stage.outputs if output[0] in live)
            return (replace(stage, outputs=outputs), live | columns_of(stage.value)) if outputs else None
        case InlineGroup():
            is_read = any(column in live for column, _ in stage.results)
            return (stage, live | {key.row for key in stage.keys} | _read_by(stage)) if is_read else None
        case _:
            return stage, _read_as_it_is(stage, live)


def _read_as_it_is(stage: Stage, live: frozenset[str]) -> frozenset[str]:
    """What stages read that have nothing to leave out."""
    match stage:
        case Filter():
            return live | columns_of(stage.condition)
        case Expand():
            return live | {stage.source.column}
        case Group():
            return frozenset(stage.keys) | _read_by(stage)
        case Sort():
            return live | _all(value for _, value, _, _ in stage.keys)
        case Limit():
            return live | frozenset(stage.keys)
        case _:
            return live


def _read_by(stage: Group | InlineGroup) -> frozenset[str]:
    """What the measures of a stage read; what is calculated from them adds nothing, unless it is a key."""
    return frozenset[str]().union(*map(_read_by_measure, stage.measures))


def _read_by_measure(measure: Measure) -> frozenset[str]:
    condition = columns_of(measure.filter) if measure.filter is not None else frozenset[str]()
    return _all(measure.arguments) | condition
