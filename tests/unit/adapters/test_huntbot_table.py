"""What a hunt file may say of remediation, memory and pivots, and how each fault names its line."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.pivot import Pivot
from bot.errors import HuntFileError
from tests.hunt_files import load_file

AROUND = "FROM logs-* | WHERE user.name == ?actor AND @timestamp >= ?_tstart AND @timestamp < ?_tend | LIMIT 50"
FILE = f"""[hunt]
uuid = "0b7e5c1a-0000-4000-8000-000000000002"
name = "A thing"
query = ["FROM logs-* | KEEP actor, function, region"]

[huntbot]
slug = "thing"
remediation = "tool undo --name {{function}} [--region {{region}}]"
memory = ["actor", "function"]

[[huntbot.pivots]]
name = "What the actor did around it"
query = '''{AROUND}'''
before = "30m"
after = "1h"

[[huntbot.pivots]]
name = "The actor, again"
query = '''{AROUND}'''
"""

REACH = 'before = "30m"\nafter = "1h"'


def written(folder: Path, text: str) -> Path:
    path = folder / "a_thing.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_remediation_memory_and_pivots_are_read(tmp_path: Path) -> None:
    hunt = load_file(written(tmp_path, FILE)).hunt

    assert hunt.remediation == "tool undo --name {function} [--region {region}]"
    assert hunt.memory == ("actor", "function")
    half_an_hour = timedelta(minutes=30)
    assert hunt.pivots == (
        Pivot("What the actor did around it", AROUND, half_an_hour, timedelta(hours=1)),
        Pivot("The actor, again", AROUND, half_an_hour, half_an_hour),
    )


def test_a_pivot_may_begin_with_the_event_and_say_what_an_empty_answer_means(tmp_path: Path) -> None:
    [pivot, _] = load_file(
        written(tmp_path, FILE.replace(REACH, 'before = "0m"\nnothing = " Nobody knows. "'))
    ).hunt.pivots

    assert (pivot.before, pivot.nothing) == (timedelta(), "Nobody knows.")


def test_a_parameter_stands_for_a_column_with_a_dot(tmp_path: Path) -> None:
    dotted = FILE.replace("KEEP actor", "KEEP user.name, actor").replace("== ?actor", "== ?user_name")

    [pivot, _] = load_file(written(tmp_path, dotted)).hunt.pivots

    assert pivot.columns == ("user_name",)


def test_they_may_all_be_left_out(tmp_path: Path) -> None:
    hunt = load_file(written(tmp_path, FILE[: FILE.index("remediation")])).hunt

    assert (hunt.remediation, hunt.memory, hunt.pivots) == ("", (), ())


@pytest.mark.parametrize(
    ("was", "becomes", "fault", "line"),
    [
        ("{function} [", "'{function}' [", "[huntbot] remediation must stand outside of quotes", 8),
        ("{function} [", "{function [", "[huntbot] remediation has unbalanced braces", 8),
        ("{function} [", "{functoin} [", "[huntbot] remediation names functoin, and the hunt's query answers", 8),
        ("[--region {region}]", "[--all]", "[huntbot] remediation keeps square brackets for parts", 8),
        ('["actor", "function"]', '["actr"]', "[huntbot] memory names actr, and the hunt's query answers", 9),
        ('["actor", "function"]', "7", "[huntbot] memory must be a list of texts", 9),
        ('"What the actor did around it"', '""', "[[huntbot.pivots]] name must be a text", 12),
        ('"What the actor did around it"', f'"{"x" * 80}"', "[[huntbot.pivots]] name is longer than 75", 12),
        ('"The actor, again"', '"What the actor did around it"', "[[huntbot.pivots]] name 'What the actor", 18),
        ("1h", "soon", "[[huntbot.pivots]] after 'soon' is no length of time", 15),
        ("after =", "afterwards =", "[[huntbot.pivots]] afterwards is unknown; did you mean after?", 15),
        ("FROM logs-* | WHERE", "SELECT logs WHERE", "[[huntbot.pivots]] query is no ES|QL", 13),
        ("?actor", "?", "[[huntbot.pivots]] query has a parameter without a name", 13),
        ("?actor", "?actr", "[[huntbot.pivots]] query names actr, and the hunt's query answers", 13),
        ("AND @timestamp < ?_tend", "", "[[huntbot.pivots]] query lacks ?_tend", 13),
        (REACH, 'before = "0m"\nafter = "0h"', "[[huntbot.pivots]] after and before are nothing", 15),
        ('after = "1h"', "nothing = 7", "[[huntbot.pivots]] nothing must be a text", 15),
    ],
)
def test_each_fault_names_its_line(tmp_path: Path, was: str, becomes: str, fault: str, line: int) -> None:
    with pytest.raises(HuntFileError) as refused:
        load_file(written(tmp_path, FILE.replace(was, becomes, 1)))

    assert refused.value.fault.startswith(fault)
    assert refused.value.line == line


def test_more_pivots_than_buttons_fit_in_a_row_are_refused(tmp_path: Path) -> None:
    more = "".join(f"\n[[huntbot.pivots]]\nname = 'p{n}'\nquery = '''{AROUND}'''\n" for n in range(4))

    with pytest.raises(HuntFileError, match="5 pivots are the most"):
        load_file(written(tmp_path, FILE + more))


def test_pivots_written_inline_are_read_as_well(tmp_path: Path) -> None:
    inline = FILE[: FILE.index("[[huntbot")] + f"pivots = [{{ name = 'x', query = '{AROUND}' }}]\n"

    assert [pivot.name for pivot in load_file(written(tmp_path, inline)).hunt.pivots] == ["x"]
