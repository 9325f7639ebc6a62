"""Which columns a query's text rules out before it was ever run."""

import pytest

from bot.domain.columns import surely_lacks

KEPT = "FROM logs | EVAL secret = a | KEEP actor, user.name | SORT actor | LIMIT 10"


@pytest.mark.parametrize(
    ("query", "column", "expected"),
    [
        (KEPT, "actor", False),
        (KEPT, "user.name", False),
        (KEPT, "name", True),
        (KEPT, "secret", True),
        (KEPT, "Actor", True),
        ("FROM logs | LIMIT 10", "anything", False),
        ("FROM logs | KEEP user.*", "user.name", False),
        ("FROM logs | KEEP a // and principal\n| EVAL b = 1", "b", False),
        ("FROM logs | KEEP a | STATS n = COUNT(*) BY actor", "a", True),
        ("FROM logs | KEEP a | STATS n = COUNT(*) BY actor", "n", False),
        ("FROM logs | KEEP a | STATS COUNT(*) BY actor", "COUNT(*)", False),
        ("FROM logs | KEEP a | INLINE STATS n = MAX(a)", "n", False),
        ("FROM logs | KEEP a | ENRICH owners", "owner", False),
        ('FROM logs | KEEP a | GROK a "%{WORD:verb} (?<thing>.*)"', "verb", False),
        ('FROM logs | KEEP a | GROK a "%{WORD:verb} (?<thing>.*)"', "thing", False),
        ('FROM logs | KEEP a | DISSECT a "%{x} %{y}"', "z", True),
        ('FROM logs | WHERE a == "| KEEP b" | LIMIT 1', "c", False),
        ("FROM logs | KEEP a | RENAME a AS b", "b", False),
    ],
)
def test_a_column_is_ruled_out_only_where_the_text_leaves_no_way(query: str, column: str, *, expected: bool) -> None:
    assert surely_lacks(query, column) is expected
