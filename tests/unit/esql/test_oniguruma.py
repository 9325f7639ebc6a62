"""GROK's expressions find what Joni's do.

Every row was answered by Joni 2.1 (Syntax.RUBY, UTF-8) for `(?<g>...)` around the expression; REFUSED is its error.
"""

import pytest

from local.esql import Engine, EsqlError

REFUSED = "refused"
JONI: list[tuple[str, str, str | None]] = [
    ("^b", "a\nb", "b"),
    ("a$", "a\nb", "a"),
    ("^$", "b\n", None),
    ("\\Ab", "a\nb", None),
    ("b\\Z", "b\n", "b"),
    ("b\\z", "b\n", None),
    ("a.b", "a\nb", None),
    ("(?m)a.b", "a\nb", "a\nb"),
    ("(?s)a.b", "a\nb", REFUSED),  # undefined group option
    ("(?m:a.)b", "a\nb", "a\nb"),
    ("a(?i:B)", "ab", "ab"),
    ("\\h+", "xyzDEADbeefg", "DEADbeef"),
    ("[\\h]+", "xbeef", "beef"),
    ("\\H+", "beefx", "x"),
    ("[^\\h]+", "beefx", "x"),
    ("\\w+", "\xe9a_1", "a_1"),
    ("\\W", "\xe9", "\xe9"),
    ("\\s", "\xa0", None),
    ("\\S", "\xa0", "\xa0"),
    ("\\d+", "\u06631", "1"),
    ("\\b\xe9", "\xe9", "\xe9"),
    ("(?i)\xc9", "\xe9", "\xe9"),
    ("[[:alpha:]]+", "1ab2", "ab"),
    ("[[:^alpha:]]+", "a12b", "12"),
    ("\\p{Alpha}+", "1ab2", "ab"),
    ("[a-z&&[^b]]+", "bac", "ac"),
    ("[a[b]]+", "ab]", "ab"),
    ("[^a[b]]", "abc", "c"),
    ("[a||b]+", "|", "|"),
    ("[]a]+", "a]", "a]"),
    ("[a", "a", REFUSED),  # premature end of char-class
    ("{1}", "a", REFUSED),  # target of repeat operator is not specified
    ("\\Qa\\E", "QaE", "QaE"),
    ("\\y", "y", "y"),
    ("\\x41", "A", "A"),
    ("\\e", "\x1b", "\x1b"),
    ("(?>a*)a", "aa", None),
    ("a++b", "aab", "aab"),
    ("(?<!a)b", "abb", "b"),
    ("(?<x>a|b)\\k<x>", "abb", "bb"),
    ("(?<x>a)|(?<x>b)\\k<x>", "bb", "bb"),
    ("\\k<y>", "a", REFUSED),  # undefined name <y> reference
    ("(a)\\1", "aa", REFUSED),  # numbered backref/call is not allowed. (use name)
    ("\\g<x>", "a", REFUSED),  # undefined name <x> reference
    ("\\R", "\r\n", "\r\n"),
    ("(?x) a # c", "a", REFUSED),  # end pattern with unmatched parenthesis
    ("(?#c)a", "a", "a"),
    (")", ")", REFUSED),  # unmatched close parenthesis
    ("*", "*", REFUSED),  # target of repeat operator is not specified
]


@pytest.mark.parametrize(("expression", "text", "answer"), JONI)
def test_grok_finds_what_joni_finds(engine: Engine, expression: str, text: str, answer: str | None) -> None:
    query = f'ROW t = ? | GROK t """(?<g>{expression})""" | KEEP g'
    if answer == REFUSED:
        with pytest.raises(EsqlError, match="Invalid GROK pattern"):
            engine.query(query, [text])
    else:
        assert engine.query(query, [text]).values == ((answer,),)


@pytest.mark.parametrize(("text", "who"), [("from ann to ann", "ann"), ("from ann to bob", None)])
def test_grok_refers_back_to_a_field(engine: Engine, text: str, who: str | None) -> None:
    query = r'ROW t = ? | GROK t """from %{WORD:who} to \k<who>$""" | KEEP who'
    assert engine.query(query, [text]).values == ((who,),)
