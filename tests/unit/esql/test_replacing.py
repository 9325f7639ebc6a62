r"""REPLACE does what Java does.

Every row was answered by `Pattern.compile(pattern).matcher(text).replaceAll(replacement)` of OpenJDK 17; None is its
refusal. Its `\b`, which took all of Unicode until Java 19, is not asked.
"""

import duckdb
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from local.esql import Engine
from local.esql.javaclass import PatternError
from local.esql.javaregex import read
from local.esql.replacing import re2_of, replaced

JAVA: list[tuple[str, str, str, str | None]] = [
    ("a$", "a\n", "x", "x\n"),
    ("a$", "a\r\n", "x", "x\r\n"),
    ("a$", "a\u2028", "x", "x\u2028"),
    ("a$", "a\x85", "x", "x\x85"),
    ("a$", "a\n\n", "x", "a\n\n"),
    ("\\n$", "a\r\n", "x", "a\rx"),
    ("$", "a\n", "x", "ax\nx"),
    ("(?m)a$", "a\rb a\u2029", "x", "x\rb x\u2029"),
    ("(?m)^", "\r\nb\n", ">", ">\r\n>b\n"),
    ("(?d)a$", "a\r", "x", "a\r"),
    ("a\\Z", "a\r\n", "x", "x\r\n"),
    ("a\\z", "a\n", "x", "a\n"),
    (".", "a\n\r\x85\u2028\u2029\x0bb", "x", "x\n\r\x85\u2028\u2029xx"),
    ("(?s).", "a\n", "x", "xx"),
    ("(?d).", "\r\n", "x", "x\n"),
    ("(?:[)(?![^\\n])", "a", "x", None),
    ("[a[b]]+", "a[b]", "x", "x[x]"),
    ("[a-z&&[^b]]", "abc", "x", "xbx"),
    ("[a-c&&b-z]", "abcd", "x", "axxd"),
    ("[^a[b]]", "abc", "x", "abx"),
    ("[&&a]", "a&", "x", "x&"),
    ("[a&b]", "a&", "x", "xx"),
    ("[]a]", "]", "x", "x"),
    ("[a||b~~c--d]", "|~-", "x", None),
    ("[a", "a", "x", None),
    ("[]", "a", "x", None),
    ("[b-a]", "a", "x", None),
    ("[\\w-]", "-", "x", "x"),
    ("{", "{", "x", None),
    ("a{,2}", "aa", "x", None),
    ("a{2}{2}", "aaaa", "x", "xx"),
    ("a**", "a", "x", None),
    ("*", "a", "x", None),
    (")", ")", "x", None),
    ("(", "(", "x", None),
    ("(?P<n>a)", "a", "x", None),
    ("(?#a)", "a", "x", None),
    ("a{2,1}", "aa", "x", None),
    ("}", "}", "x", "x"),
    ("a*+a", "aaa", "x", "aaa"),
    ("(?>a|ab)c", "abc", "x", "abc"),
    ("(?<n>a)\\k<n>", "aab", "${n}!", "a!b"),
    ("\\k<n>", "a", "x", None),
    ("(?<n>a)(?<n>b)", "ab", "x", None),
    ("(?<n_>a)", "a", "x", None),
    ("(a)\\2", "aa", "x", "aa"),
    ("(a)\\11", "aa1", "x", "x"),
    ("\\Qa.b\\E.", "a.bc axbc", "x", "x axbc"),
    ("[\\Q]\\E]", "]", "x", "x"),
    ("\\h", "\xa0\t\u180e", "x", "xxx"),
    ("\\v", "\x0b\u2029", "x", "xx"),
    ("\\R", "\r\n\n\x85", "x", "xxx"),
    ("\\y", "y", "x", None),
    ("\\_", "_", "x", "x"),
    ("\\0101\\x41\\x{41}\\u0041", "AAAA", "x", "x"),
    ("\\cA\\e\\a", "\x01\x1b\x07", "x", "x"),
    ("\\x4", "\x04", "x", None),
    ("\\N{DIGIT ONE}", "1", "x", "x"),
    ("\\ud83d\\ude00", "\U0001f600", "x", "x"),
    ("(?i)k", "kK\u212a", "x", "xx\u212a"),
    ("(?iu)k", "kK\u212a", "x", "xxx"),
    ("(?i)\xe9", "\xe9\xc9", "x", "x\xc9"),
    ("(?iu)\xe9", "\xe9\xc9", "x", "xx"),
    ("(?i)[a-c]", "ABCD", "x", "xxxD"),
    ("(?i)[^a]", "aAb", "x", "aAx"),
    ("(?i:a)A", "aAaa", "x", "xaa"),
    ("((?i)a)b", "AbAB", "x", "xAB"),
    ("(?i)a|b", "B", "x", "x"),
    ("(?i)(a)\\1", "aA", "x", "x"),
    ("\\w", "a\xe9_1\u0663", "x", "x\xe9xx\u0663"),
    ("\\d", "1\u0663", "x", "x\u0663"),
    ("\\s", " \xa0\x0b\u2003", "x", "x\xa0x\u2003"),
    ("(?U)\\w", "a\xe9\u0663", "x", "xxx"),
    ("\\W", "a\xe9", "x", "ax"),
    ("\\p{L}", "a\xe91", "x", "xx1"),
    ("\\pL", "a\xe91", "x", "xx1"),
    ("\\PL", "a\xe91", "x", "a\xe9x"),
    ("\\p{Alpha}", "a\xe9", "x", "x\xe9"),
    ("\\p{IsAlphabetic}", "a\xe9", "x", "xx"),
    ("\\p{Punct}", "!~a\u20ac", "x", "xxa\u20ac"),
    ("\\p{IsLatin}", "\xe9\u03a9", "x", "x\u03a9"),
    ("\\p{InGreek}", "\xe9\u03a9", "x", "\xe9x"),
    ("\\p{sc=Latin}", "\xe9\u03a9", "x", "x\u03a9"),
    ("\\p{javaLowerCase}", "aA", "x", "xA"),
    ("(?i)\\p{Lower}", "aA", "x", "xx"),
    ("(?i)\\p{Lu}", "aA", "x", "xx"),
    ("\\p{foo}", "a", "x", None),
    ("\\p{Digit}", "1\u0663", "x", "x\u0663"),
    ("(?<=a{1,3})b", "aab", "x", "aax"),
    ("(?<=a*)b", "ab", "x", "ax"),
    ("(?<=(?:ab)*)c", "abc", "x", None),
    ("(?<!a)b", "ab b", "x", "ab x"),
    ("(?=a)*b", "ab", "x", "ax"),
    ("(|a)", "aa", "x", "xaxax"),
    ("a*?", "aa", "x", "xaxax"),
    (".*", "abc", "x", "xx"),
    ("(a*)*", "aab", "<$1>", "<><>b<>"),
    ("(a)|b", "ab", "<$1>", "<a><>"),
    ("(?x) a # b\n b", "ab", "x", "x"),
    ("(?x)a\\ b", "a b", "x", "x"),
    ("(?x)[a b]", " ", "x", " "),
    ("(?-i)A", "a", "x", "a"),
    ("(?z)", "a", "x", None),
    ("(a)", "a", "$10", "a0"),
    ("(a)", "a", "$1$0", "aa"),
    ("a", "a", "$1", None),
    ("z", "a", "$1", "a"),
    ("a", "a", "\\$\\\\\\n", "$\\n"),
    ("a", "a", "\\", None),
    ("a", "a", "$", None),
    ("a", "a", "$x", None),
    ("(?<n>a)", "a", "${n}${n}", "aa"),
    ("a", "a", "${n}", None),
    ("a", "a", "\\1", "1"),
    ("(a)(b)?", "a", "[$2]", "[]"),
]


@pytest.mark.parametrize(("pattern", "text", "replacement", "answer"), JAVA)
def test_replace_answers_as_java(
    engine: Engine, pattern: str, text: str, replacement: str, answer: str | None
) -> None:
    constant = engine.query("ROW t = ? | EVAL r = REPLACE(t, ?, ?) | KEEP r | LIMIT 1", [text, pattern, replacement])
    column = engine.query(
        "ROW t = ?, p = ?, n = ? | EVAL r = REPLACE(t, p, n) | KEEP r", [text, pattern, replacement]
    )
    assert constant.values == column.values == ((answer,),)
    assert bool(constant.warnings) == (answer is None)


def test_a_word_ends_where_ascii_does() -> None:
    assert replaced("é a", r"\b", "|") == "é |a|"


TOKENS = [
    *"aabb.^$|*+?()[]{}-&\\",
    "(?:",
    "(?i)",
    "(?=",
    "(?<=",
    r"\w",
    r"\R",
    r"\1",
    "&&",
    "[^",
    "{2}",
    r"\p{L}",
    "\n",
]


@given(st.lists(st.sampled_from(TOKENS), max_size=9).map("".join))
@settings(max_examples=400, deadline=None)
def test_any_pattern_is_read_or_refused_and_both_engines_agree(pattern: str) -> None:
    try:
        java = read(pattern)
    except PatternError:
        return
    regex.compile(java.expression, regex.VERSION1)
    inserted = "".join(f"<${number}>" for number in range(min(java.groups, 9) + 1))
    translated = re2_of(pattern, inserted)
    if translated is not None:
        text = "aabab\r\n-&[b]a."
        found = duckdb.execute("SELECT regexp_replace(?, ?, ?, 'g')", [text, *translated]).fetchone()
        assert found == (replaced(text, pattern, inserted),)
