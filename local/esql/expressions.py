"""Expressions, from tokens to the tree: one Pratt loop over a table of binding powers.

```
expression = expression OR expression | expression AND expression | NOT expression
           | value [NOT] IN ( value , ... ) | value IS [NOT] NULL
           | value [NOT] (LIKE | RLIKE) (string | ( string , ... ))
           | value (== | != | < | <= | > | >=) value                    -- does not chain
           | value (+ | - | * | / | %) value | (+ | -) value | primary
primary    = constant | name | name ( [* | expression , ...] [, options] ) | ( expression ) | primary :: type
```
"""

import math
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

from local.esql.errors import ParsingError, UnsupportedError
from local.esql.lexer import Kind, Source, Token, unquote_name, unquote_string
from local.esql.parameters import Parameters, Value
from local.esql.scope import unknown
from local.esql.tree import Call, Cast, Expression, Like, Literal, Logic, Name, Span, Star, Timespan

Node = TypeVar("Node", bound=Expression)

MAX_DEPTH = 400  # Elasticsearch's own bound (ExpressionBuilder.MAX_EXPRESSION_DEPTH)
TOO_DEEP = f"ESQL statement exceeded the maximum expression depth allowed ({MAX_DEPTH})"

OR, AND, NOT, PREDICATE, COMPARISON, SUM, PRODUCT, SIGN, CAST = range(1, 10)
POWER = {
    "or": OR,
    "and": AND,
    "not": PREDICATE,
    "in": PREDICATE,
    "is": PREDICATE,
    "like": PREDICATE,
    "rlike": PREDICATE,
    "==": COMPARISON,
    "!=": COMPARISON,
    "<": COMPARISON,
    "<=": COMPARISON,
    ">": COMPARISON,
    ">=": COMPARISON,
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    "%": PRODUCT,
    "::": CAST,
}
# After an operator of one of these powers, the next one must bind more loosely.
NOT_CHAINING = frozenset({PREDICATE, COMPARISON})
CONSTANTS: dict[str, object] = {"null": None, "true": True, "false": False}
LONG_MIN, UNSIGNED_MAX = -(2**63), 2**64 - 1  # beyond them an integer literal is a double


class ExpressionParser:
    """A cursor over the tokens, and the expression half of the grammar."""

    def __init__(self, source: Source, tokens: Sequence[Token], parameters: Parameters) -> None:
        self._source = source
        self._tokens = tokens
        self._parameters = parameters
        self._index = 0
        self._depth = 0
        self._anonymous = 0
        self._parameter_kinds: set[str] = set()

    # ---- the cursor

    @property
    def _token(self) -> Token:
        return self._tokens[self._index]

    def _advance(self) -> Token:
        token = self._token
        if token.kind is not Kind.END:
            self._index += 1
        return token

    def _at(self, *words: str) -> bool:
        return self._token.word in words and self._token.kind in (Kind.SYMBOL, Kind.KEYWORD)

    def _accept(self, *words: str) -> bool:
        if self._at(*words):
            self._advance()
            return True
        return False

    def _expect(self, *words: str) -> Token:
        if not self._at(*words):
            self._mismatch(*words)
        return self._advance()

    def _mismatch(self, *expected: str) -> NoReturn:
        token = self._token
        wanted = ", ".join(word if word.isupper() or word.startswith("<") else f"'{word}'" for word in expected)
        wanted = f"{{{wanted}}}" if len(expected) > 1 else wanted
        raise self._source.error(token.start, f"mismatched input '{token.text}' expecting {wanted}")

    def _no_alternative(self, start: int | None = None) -> ParsingError:
        """Nothing that may come here; `start` is where what was read so far began."""
        token = self._token
        if token.kind is Kind.END:
            return self._source.error(token.start, "mismatched input '<EOF>' expecting an expression")
        text = self._source.text[token.start if start is None else start : token.end]
        return self._source.error(token.start, f"no viable alternative at input '{text}'")

    def _span(self, start: int) -> Span:
        return Span(start, self._tokens[self._index - 1].end)

    # ---- expressions

    def _parse_expression(self, min_power: int = OR) -> Expression:
        """Expression = prefix { operator that binds at least as tightly as `min_power` }."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._source.error(self._token.start, TOO_DEEP)
        start = self._token.start
        if min_power <= NOT and self._accept("not"):
            operand = self._parse_expression(NOT)
            left: Expression = Call(self._span(start), "not", (operand,))
            ceiling = AND
        else:
            left, ceiling = self._parse_prefix(), CAST
        while min_power <= (power := self._power()) <= ceiling:
            left = self._parse_infix(left, start, power)
            ceiling = power - 1 if power in NOT_CHAINING else power
        self._depth -= 1
        return left

    def _power(self) -> int:
        token = self._token
        return POWER.get(token.word, 0) if token.kind in (Kind.SYMBOL, Kind.KEYWORD) else 0

    def _parse_infix(self, left: Expression, start: int, power: int) -> Expression:
        match power:
            case 1 | 2:
                return self._parse_logic(left, start, power)
            case 4:
                return self._parse_predicate(left, start)
            case 9:
                return self._parse_cast(left, start)
            case _:
                operator = self._advance().text
                right = self._parse_expression(power + 1)
                return Call(self._span(start), operator, (left, right))

    def _parse_logic(self, left: Expression, start: int, power: int) -> Expression:
        """A whole chain of one operator: `a AND b AND c`."""
        word = "and" if power == AND else "or"
        operands = [left]
        while self._accept(word):
            operands.append(self._parse_expression(power + 1))
        return Logic(self._span(start), word, tuple(operands))

    def _parse_cast(self, left: Expression, start: int) -> Expression:
        """Cast = primary :: type."""
        self._expect("::")
        if self._token.kind not in (Kind.NAME, Kind.QUOTED_NAME):
            self._mismatch("UNQUOTED_IDENTIFIER", "QUOTED_IDENTIFIER")
        type_start = self._token.start
        type_name = unquote_name(self._advance().text)
        return Cast(self._span(start), left, type_name, self._span(type_start))

    def _parse_predicate(self, left: Expression, start: int) -> Expression:
        """Predicate = value [NOT] IN (...) | value IS [NOT] NULL | value [NOT] [R]LIKE patterns."""
        if self._accept("is"):
            name = "is not null" if self._accept("not") else "is null"
            self._expect("null")
            return Call(self._span(start), name, (left,))
        is_negated = self._accept("not")
        word = self._expect("in", "like", "rlike").word
        found: Expression
        if word == "in":
            self._refuse_subquery()
            items = self._parse_list(self._parse_value)
            found = Call(self._span(start), "in", (left, *items))
        else:
            if self._token.kind not in (Kind.STRING, Kind.PARAMETER) and not self._at("("):
                raise self._no_alternative(start)
            patterns = self._parse_list(self._parse_pattern) if self._at("(") else (self._parse_pattern(),)
            found = Like(self._span(start), left, patterns, word == "rlike")
        return Call(found.span, "not", (found,)) if is_negated else found

    def _refuse_subquery(self) -> None:
        """`IN (FROM index ...)`; a column may be called `from`."""
        first, *rest = self._tokens[self._index + 1 : self._index + 3]
        if first.word == "from" and rest and rest[0].kind not in (Kind.SYMBOL, Kind.END):
            raise UnsupportedError(self._source.problem(first.start, "unsupported subquery in [IN]"))

    def _parse_value(self) -> Expression:
        return self._parse_expression(COMPARISON)

    def _parse_pattern(self) -> Literal:
        """Pattern = string | parameter."""
        token = self._token
        if token.kind not in (Kind.STRING, Kind.PARAMETER):
            self._mismatch("QUOTED_STRING")
        found = self._parse_prefix()
        if not isinstance(found, Literal) or not isinstance(found.value, str):
            text = self._source.text[token.start : found.span.end]
            raise self._source.error(token.start, f"[{text}] must be a string")
        return found

    def _parse_list(self, parse_item: Callable[[], Node]) -> tuple[Node, ...]:
        """List = ( item , ... )."""
        self._expect("(")
        items = [parse_item()]
        while self._accept(","):
            items.append(parse_item())
        self._expect(")")
        return tuple(items)

    # ---- what an expression begins with

    def _parse_prefix(self) -> Expression:
        """Prefix = (+ | -) prefix | ( expression ) | [ constant , ... ] | constant | name | call."""
        token = self._token
        if token.kind is Kind.SYMBOL:
            return self._parse_symbol(token)
        if token.kind is Kind.KEYWORD:
            return self._parse_word(token)
        match token.kind:
            case Kind.NAME | Kind.QUOTED_NAME:
                return self._parse_name_or_call()
            case Kind.INTEGER | Kind.DECIMAL:
                return self._parse_number(token.start, 1)
            case Kind.STRING:
                return self._parse_string()
            case Kind.PARAMETER:
                return self._parse_parameter()
            case _:
                raise self._no_alternative()

    def _parse_symbol(self, token: Token) -> Expression:
        match token.text:
            case "(":
                self._advance()
                inner = self._parse_expression()
                self._expect(")")
                return inner
            case "[":
                return self._parse_array()
            case "-" | "+":
                return self._parse_sign(token)
            case _:
                raise self._no_alternative()

    def _parse_sign(self, token: Token) -> Expression:
        """A sign is part of the number that follows it, else an operator."""
        self._advance()
        sign = -1 if token.text == "-" else 1
        if self._token.kind in (Kind.INTEGER, Kind.DECIMAL):
            return self._parse_number(token.start, sign)
        operand = self._parse_expression(SIGN)
        return Call(self._span(token.start), "unary -", (operand,)) if sign < 0 else operand

    def _parse_word(self, token: Token) -> Expression:
        if token.word in CONSTANTS:
            self._advance()
            return Literal(self._span(token.start), CONSTANTS[token.word])
        if token.word in ("first", "last") and self._tokens[self._index + 1].text == "(":
            self._advance()
            return self._parse_call(token.start, token.text)
        raise self._no_alternative()

    def _parse_number(self, start: int, sign: int) -> Expression:
        """Number = [+ | -] digits [unit] | [+ | -] decimal."""
        token = self._advance()
        if token.kind is Kind.DECIMAL:
            return Literal(self._span(start), sign * self._finite(token, start))
        value = sign * int(token.text)
        if self._token.kind is Kind.NAME:
            unit = self._advance().text
            return Timespan(self._span(start), value, unit)
        fits = LONG_MIN <= value <= UNSIGNED_MAX
        return Literal(self._span(start), value if fits else sign * self._finite(token, start))

    def _finite(self, token: Token, start: int) -> float:
        value = float(token.text)
        if math.isinf(value):
            raise self._source.error(start, f"Number [{token.text}] is too large")
        return value

    def _parse_string(self) -> Literal:
        token = self._advance()
        return Literal(self._span(token.start), unquote_string(token.text))

    def _parse_array(self) -> Literal:
        """Array = [ constant , ... ], all of one kind."""
        start = self._expect("[").start
        items = [self._parse_constant()]
        while self._accept(","):
            items.append(self._parse_constant())
        self._expect("]")
        kinds = {float if isinstance(i, int) and not isinstance(i, bool) else type(i) for i in items}
        if len(kinds) > 1:
            raise self._source.error(start, "an array must hold values of one kind")
        return Literal(self._span(start), tuple(items))

    def _parse_constant(self) -> object:
        start = self._token.start
        found = self._parse_prefix()
        if not isinstance(found, Literal) or found.value is None or isinstance(found.value, tuple):
            raise self._source.error(
                start, f"no viable alternative at input '{self._source.text[start : found.span.end]}'"
            )
        return found.value

    def _parse_parameter(self) -> Expression:
        """Parameter = ? | ?1 | ?name for a value, ??name for an identifier."""
        token = self._advance()
        value = self._parameter_value(token)
        span = self._span(token.start)
        if not token.text.startswith("??"):
            return Literal(span, value)
        if self._at("("):
            return self._parse_call(token.start, str(value))
        return Name(span, str(value))

    def _parameter_value(self, token: Token) -> Value:
        """By name, by position from 1, or the next one; a query has only one of the three."""
        name = token.text.lstrip("?")
        kind = "anonymous" if not name else "positional" if name.isdigit() else "named"
        self._check_alike(token, kind)
        values = self._parameters.positional
        if kind == "anonymous":
            self._anonymous += 1
            if self._anonymous > len(values):
                raise self._source.error(token.start, f"Not enough actual parameters {len(values)}")
            return values[self._anonymous - 1]
        if kind == "positional":
            if int(name) in range(1, len(values) + 1):
                return values[int(name) - 1]
            few = "position 1" if len(values) == 1 else f"any position between 1 and {len(values)}"
            hint = f", did you mean {few}?" if values else ""
            raise self._source.error(token.start, f"No parameter is defined for position {name}{hint}")
        named = self._parameters.named or {}
        if name not in named:
            raise self._source.error(token.start, unknown("query parameter", name, named))
        return named[name]

    def _check_alike(self, token: Token, kind: str) -> None:
        self._parameter_kinds.add(kind)
        found = [known for known in ("named", "positional", "anonymous") if known in self._parameter_kinds]
        if len(found) > 1:
            either = "use one of positional, named or anonymous params but not a combination of"
            both = f"{found[0]} and {found[1]}"
            raise self._source.error(token.start, f"Inconsistent parameter declaration, {either} {both}")

    def _parse_name_or_call(self) -> Expression:
        """Name = identifier { . identifier }; a call has one identifier and parentheses."""
        start = self._token.start
        parts = [unquote_name(self._advance().text)]
        if self._at("("):
            return self._parse_call(start, parts[0])
        while self._accept("."):
            if self._token.kind not in (Kind.NAME, Kind.QUOTED_NAME):
                raise self._no_alternative()
            parts.append(unquote_name(self._advance().text))
        return Name(self._span(start), ".".join(parts))

    def _parse_call(self, start: int, function: str) -> Expression:
        """Call = name ( [ * | expression , ... [, { "option": constant , ... }] ] )."""
        self._expect("(")
        arguments: list[Expression] = []
        options: tuple[tuple[str, object], ...] = ()
        if self._at("*"):
            star = self._advance()
            arguments.append(Star(Span(star.start, star.end)))
        elif not self._at(")"):
            arguments.append(self._parse_expression())
            while self._accept(","):
                if self._at("{"):
                    options = self._parse_options()
                    break
                arguments.append(self._parse_expression())
        self._expect(")")
        return Call(self._span(start), function, tuple(arguments), options)

    def _parse_options(self) -> tuple[tuple[str, object], ...]:
        """Options = { string : constant , ... }."""
        self._expect("{")
        entries: list[tuple[str, object]] = []
        while not self._at("}"):
            key = self._parse_string().value
            self._expect(":")
            entries.append((str(key), self._parse_constant()))
            if not self._accept(","):
                break
        self._expect("}")
        return tuple(entries)
