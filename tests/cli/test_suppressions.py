"""`huntbot suppressions`: what rules hide, held against logs in a file; and what a hunt says of what they hid."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.cloudtrail import sample
from tests.processes import run

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
RULES = """[[suppression]]
hunt = "lambda-perms"
where = { principal = "*.amazonaws.com" }
reason = "services of our own"
owner = "anna"
expires = 2999-01-31

[[suppression]]
hunt = "lambda-perms"
where = { principal = "*", function = "payments-api" }
reason = "public by design"
owner = "ben"
expires = 2020-01-31
"""
BAD = RULES.replace('owner = "ben"\n', "")


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    (folder / "a.json").write_text(json.dumps({"Records": sample.records(NOW)}))
    (folder / "damaged.json").write_text('{"Records":[{"eventName":')
    return folder


@pytest.fixture
def given(tmp_path: Path) -> Mapping[str, str]:
    (tmp_path / "suppressions.toml").write_text(RULES)
    return {"HUNTBOT_SUPPRESSIONS": "suppressions.toml"}


def test_each_rule_is_shown_with_what_it_would_have_hidden(
    tmp_path: Path, logs: Path, given: Mapping[str, str]
) -> None:
    ran = run(tmp_path, "suppressions", "--logs", str(logs), "--format", "json", given=given)
    assert ran.returncode == 0, ran.stderr
    answer = json.loads(ran.stdout)
    services, public = answer["suppressions"]
    assert (services["line"], services["owner"], services["is_over"]) == (1, "anna", False)
    assert (public["line"], public["days_left"], public["is_over"]) == (8, 0, True)
    assert services["would_have_hidden"]["hits"] > services["would_have_hidden"]["findings"] > 1
    assert public["would_have_hidden"]["worst"] == "critical"
    assert public["would_have_hidden"]["examples"][0]["summary"] == "* may lambda:InvokeFunction on payments-api"
    assert "all of these logs" in ran.stderr
    assert [entry["kind"] for entry in answer["archive"]["skipped"]] == ["damaged"]
    assert "damaged.json: damaged: " in ran.stderr


def test_the_table_says_the_same_to_people(tmp_path: Path, logs: Path, given: Mapping[str, str]) -> None:
    ran = run(tmp_path, "suppressions", "--logs", str(logs), given=given)
    assert ran.returncode == 0, ran.stderr
    for said in ("*.amazonaws.com", "services of our own", "2020-01-31, OVER", "critical at worst"):
        assert said in ran.stdout


def test_a_hunt_counts_what_was_hidden_and_shows_the_rest(
    tmp_path: Path, logs: Path, given: Mapping[str, str]
) -> None:
    arguments = ("hunt", "lambda-perms", "--logs", str(logs), "--format", "json")
    everything = json.loads(run(tmp_path, *arguments).stdout)
    ran = run(tmp_path, *arguments, given=given)
    left = json.loads(ran.stdout)

    def hits(answer: Mapping[str, list[Mapping[str, int]]]) -> int:
        return sum(finding["count"] for finding in answer["findings"])

    assert everything["suppressed"] == 0
    assert left["suppressed"] > 0
    assert hits(everything) == hits(left) + left["suppressed"]
    assert not any(str(finding["principal"]).endswith(".amazonaws.com") for finding in left["findings"])
    assert any(finding["principal"] == "*" for finding in left["findings"])  # its rule is over
    assert f"{left['suppressed']} hits suppressed" in ran.stderr


def test_a_bad_rule_is_said_and_stops_nothing(tmp_path: Path, logs: Path, given: Mapping[str, str]) -> None:
    (tmp_path / "suppressions.toml").write_text(BAD)
    ran = run(tmp_path, "hunt", "lambda-perms", "--logs", str(logs), "--format", "json", given=given)
    assert ran.returncode == 0
    assert "not loaded: suppressions.toml:8: [[suppression]] owner is missing" in ran.stderr
    assert json.loads(ran.stdout)["suppressed"] > 0


@pytest.mark.parametrize(
    ("text", "code", "out", "err"),
    [
        (RULES, 0, "rules.toml:1: lambda-perms, principal = *.amazonaws.com, 2999-01-31,", ""),
        (BAD, 2, "rules.toml:1: lambda-perms", "rules.toml:8: [[suppression]] owner is missing"),
        ("suppression = 1", 2, "", "rules.toml:1: suppression must be tables"),
    ],
)
def test_a_file_is_checked(tmp_path: Path, text: str, code: int, out: str, err: str) -> None:
    (tmp_path / "rules.toml").write_text(text)
    ran = run(tmp_path, "suppressions", "check", "rules.toml")
    assert ran.returncode == code
    assert out in ran.stdout
    assert err in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "given_", "code", "says"),
    [
        (("suppressions",), {}, 2, "HUNTBOT_SUPPRESSIONS: is not set"),
        (("suppressions", "check"), {}, 2, "PATH: name the file of the rules"),
        (("suppressions", "check", "nowhere.toml"), {}, 2, "nowhere.toml: it can not be read"),
        (("suppressions",), {"HUNTBOT_SUPPRESSIONS": "no.toml"}, 2, "names no.toml, and there is no such file"),
        (("suppressions", "--since", "soon"), {"HUNTBOT_SUPPRESSIONS": "suppressions.toml"}, 2, "--since soon"),
        (
            ("suppressions",),
            {"HUNTBOT_SUPPRESSIONS": "suppressions.toml", "ELASTICSEARCH_URL": "http://127.0.0.1:1"},
            3,
            "",
        ),
    ],
)
@pytest.mark.usefixtures("given")
def test_what_can_not_be_shown_says_why(
    tmp_path: Path, arguments: tuple[str, ...], given_: Mapping[str, str], code: int, says: str
) -> None:
    ran = run(tmp_path, *arguments, given=given_)
    assert ran.returncode == code
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


def test_doctor_names_rules_that_are_bad_or_over(tmp_path: Path, given: Mapping[str, str]) -> None:
    (tmp_path / "suppressions.toml").write_text(RULES + BAD)
    said = " ".join(run(tmp_path, "doctor", given=given).stdout.split())
    assert "suppressions.toml:21: [[suppression]] owner is missing" in said
    assert "the rule of line 8 (lambda-perms, ben) is over and hides nothing" in said
