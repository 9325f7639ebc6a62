"""The terminal's contract: what goes to stdout, what to stderr, and the exit code."""

import csv
import io
import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.cloudtrail import sample
from tests.processes import run

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
BAD_HUNT = '[hunt]\nname = "x"\nuuid = "u-1"\nquery = ["FROM a"]\n[huntbot]\nwindow = "soon"\n'
WRONG_QUERY = '[hunt]\nname = "x"\nuuid = "u-1"\nquery = ["FROM logs-aws.cloudtrail-* | KEEP nope"]\n'


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of logs: the sample, a damaged file and a notification that is no log."""
    folder = tmp_path_factory.mktemp("logs")
    (folder / "a.json").write_text(json.dumps({"Records": sample.records(NOW)}))
    (folder / "b.json").write_text('{"Records":[{"eventName":')
    (folder / "c.json").write_text('{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}}]}')
    return folder


@pytest.mark.parametrize(
    ("arguments", "given", "code", "says"),
    [
        ((), {}, 2, "Usage: "),
        (("hnut",), {}, 2, "hnut"),
        (("hunt",), {}, 2, "SLUG"),
        (("hunt", "lambda-perms"), {}, 2, "ELASTICSEARCH_URL: is not set"),
        (("hunt", "lamda-prems"), {}, 2, "There is no hunt called lamda-prems. Did you mean lambda-perms?"),
        (("hunt", "lambda-perms", "--since", "soon"), {}, 2, "--since soon: write a length of time"),
        (("hunt", "lambda-perms", "--logs", "nowhere"), {}, 2, "--logs nowhere: No such file or directory"),
        (("hunt", "lambda-perms", "--format", "pdf"), {}, 2, "pdf"),
        (
            ("hunt", "lambda-perms"),
            {"ELASTICSEARCH_URL": "http://127.0.0.1:1"},
            3,
            "Elasticsearch can not be reached",
        ),
        (("esql",), {}, 2, "write a query"),
        (("esql", "ROW a = 1", "--index", "a"), {}, 2, "--index a: write NAME=FILE"),
        (("esql", "ROW a = 1", "--now", "2026-01-01"), {}, 2, "--now: needs --logs or --index"),
        (("esql", "--listen", "9200"), {}, 2, "--listen 9200: write HOST:PORT"),
        (("digest", "lambda-perms"), {}, 2, "--dry-run"),
        (
            ("digest", "lambda-perms", "--dry-run"),
            {"ELASTICSEARCH_URL": "http://127.0.0.1:1", "DATABASE_URL": "sqlite:///none.db"},
            3,
            "none.db: this is what its first digest would say",
        ),
        (
            ("serve",),
            {},
            2,
            "SLACK_BOT_TOKEN: is not set\nSLACK_APP_TOKEN: is not set\nELASTICSEARCH_URL: is not set",
        ),
        (
            ("serve", "--http"),
            {"SLACK_BOT_TOKEN": "xapp-1-secretsecret"},
            2,
            "SLACK_BOT_TOKEN: must begin with xoxb-",
        ),
        (("hunts",), {"HUNTBOT_TIMEZONE": "Mars"}, 2, "HUNTBOT_TIMEZONE: must be a time zone"),
        (("manifest", "--url", "http://bot"), {}, 2, "--url http://bot: Slack delivers to https:// only"),
    ],
)
def test_what_can_not_be_run_says_why_once(
    tmp_path: Path, arguments: tuple[str, ...], given: Mapping[str, str], code: int, says: str
) -> None:
    ran = run(tmp_path, *arguments, given=given)
    assert ran.returncode == code
    assert says in ran.stderr or (code == 2 and not arguments and says in ran.stdout)
    assert "Traceback" not in ran.stderr
    assert "secretsecret" not in ran.stderr


def test_findings_are_json_on_stdout_and_the_receipt_is_on_stderr(tmp_path: Path, logs: Path) -> None:
    ran = run(tmp_path, "hunt", "lambda-perms", "--logs", str(logs), "--format", "json")
    assert ran.returncode == 0, ran.stderr
    answer = json.loads(ran.stdout)
    assert set(answer) == {
        "hunt",
        "window",
        "took_ms",
        "is_partial",
        "truncated",
        "suppressed",
        "archive",
        "findings",
    }
    assert set(answer["findings"][0]) == {
        "id",
        "fingerprint",
        "severity",
        "reason",
        "summary",
        "principal",
        "function",
        "action",
        "fields",
        "first_seen",
        "last_seen",
        "count",
        "events",
    }
    ranks = ["critical", "high", "medium", "low", "info"]
    order = [(ranks.index(f["severity"]), f["last_seen"]) for f in answer["findings"]]
    assert [rank for rank, _ in order] == sorted(rank for rank, _ in order)
    for rank in range(len(ranks)):
        seen = [last_seen for of, last_seen in order if of == rank]
        assert seen == sorted(seen, reverse=True)
    assert all(f["id"] is None and f["count"] == len(f["events"]) for f in answer["findings"])
    assert "no window given: all of these logs" in ran.stderr
    assert "b.json" in ran.stderr
    assert "34 records from 1 file; skipped: 1 S3 notification, 1 damaged" in ran.stderr


@pytest.mark.parametrize(
    ("left_out", "is_partial", "skipped"),
    [
        ((), True, [("b.json", "damaged", 1), ("c.json", "S3 notification", 1)]),
        (("b.json",), False, [("c.json", "S3 notification", 1)]),
        (("b.json", "c.json"), False, []),
    ],
)
def test_a_program_is_told_what_of_the_logs_was_not_read(
    tmp_path: Path, logs: Path, left_out: tuple[str, ...], is_partial: bool, skipped: list[tuple[str, str, int]]
) -> None:
    """An answer that lacks what a damaged file holds is none to rely on; a notification never held any."""
    shutil.copytree(logs, tmp_path / "logs", ignore=lambda *_: left_out)
    hunt = run(tmp_path, "hunt", "lambda-perms", "--logs", "logs", "--format", "json")
    esql = run(tmp_path, "esql", "FROM logs-* | LIMIT 1", "--logs", "logs", "--format", "json")
    answer = json.loads(hunt.stdout)
    archive = answer["archive"]
    told = [(Path(each["path"]).name, each["kind"], each["count"]) for each in archive.pop("skipped")]
    assert (answer["is_partial"], sorted(told)) == (is_partial, skipped)
    assert archive == {"files": 1, "records": 34, "undated": 0, "passed": 0}
    assert json.loads(esql.stdout)["is_partial"] is is_partial
    assert ("incomplete: some of these logs were not read" in hunt.stderr) is is_partial


def test_a_window_is_kept_to(tmp_path: Path, logs: Path) -> None:
    window = ("--from", "2026-03-07T12:00:00Z", "--to", "2026-03-08T12:00:00Z")
    ran = run(tmp_path, "hunt", "lambda-perms", "--logs", str(logs), *window, "--format", "ndjson")
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert found
    assert all(f["first_seen"] >= "2026-03-07T12" and f["last_seen"] < "2026-03-08T12" for f in found)


def test_a_program_gets_the_summary_in_the_columns_own_words(tmp_path: Path, logs: Path) -> None:
    ran = run(tmp_path, "hunt", "lambda-perms", "--logs", str(logs), "--format", "ndjson")
    public = next(f for line in ran.stdout.splitlines() if (f := json.loads(line))["principal"] == "*")
    assert public["summary"] == f"* may {public['action']} on {public['function']}"


def test_csv_has_a_line_for_each_finding(tmp_path: Path, logs: Path) -> None:
    lines = list(
        csv.DictReader(
            io.StringIO(run(tmp_path, "hunt", "lambda-perms", "--logs", str(logs), "--format", "csv").stdout)
        )
    )
    found = json.loads(run(tmp_path, "hunt", "lambda-perms", "--logs", str(logs), "--format", "json").stdout)[
        "findings"
    ]
    assert [line["fingerprint"] for line in lines] == [f["fingerprint"] for f in found]
    assert [line["actor"] for line in lines] == [f["fields"]["actor"] or "" for f in found]


def test_blocks_are_the_messages_that_slack_would_get(tmp_path: Path, logs: Path) -> None:
    messages = json.loads(run(tmp_path, "hunt", "lambda-perms", "--logs", str(logs), "--format", "blocks").stdout)
    assert all(message["text"] and message["blocks"][0]["type"] == "header" for message in messages)


def test_a_table_is_drawn_for_people(tmp_path: Path, logs: Path) -> None:
    ran = run(tmp_path, "hunt", "lambda-perms", "--logs", str(logs))
    assert "anyone (*) may lambda:InvokeFunction on payments-api" in ran.stdout


def test_logs_without_one_record_are_a_failure(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"Records":[{"eventName":')
    ran = run(tmp_path, "hunt", "lambda-perms", "--logs", "x.json")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "nothing was searched" in ran.stderr


@pytest.mark.parametrize(
    ("text", "arguments", "says"),
    [
        (
            BAD_HUNT,
            ("hunt", "bad", "--hunts", "bad.toml"),
            "bad.toml:6: [huntbot] window 'soon' is no length of time",
        ),
        (BAD_HUNT, ("hunts", "check", "bad.toml"), "bad.toml:6: [huntbot] window 'soon' is no length of time"),
        (
            WRONG_QUERY,
            ("hunt", "bad", "--hunts", "bad.toml", "--logs", "{logs}"),
            "line 1:35: Unknown column [nope]",
        ),
    ],
)
def test_a_bad_hunt_file_is_named(
    tmp_path: Path, logs: Path, text: str, arguments: tuple[str, ...], says: str
) -> None:
    (tmp_path / "bad.toml").write_text(text)
    ran = run(tmp_path, *(argument.format(logs=logs) for argument in arguments))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_bad_file_stops_no_other(tmp_path: Path, logs: Path) -> None:
    (tmp_path / "bad.toml").write_text(BAD_HUNT)
    ran = run(tmp_path, "hunt", "lambda-perms", "--hunts", ".", "--logs", str(logs), "--format", "ndjson")
    assert ran.returncode == 0
    assert "not loaded: bad.toml:6" in ran.stderr


def test_hunts_are_listed(tmp_path: Path) -> None:
    listed = json.loads(run(tmp_path, "hunts", "--format", "json").stdout)
    assert [hunt["slug"] for hunt in listed] == ["lambda-perms"]
    assert run(tmp_path, "hunts", "check").returncode == 0


def test_esql_answers_as_elasticsearch_does(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name:keyword,n:long\nana,1\nbo,2\n")
    query = "FROM people | WHERE n > 1 | EVAL t = NOW() | LIMIT 5"
    ran = run(
        tmp_path, "esql", query, "--index", "people=people.csv", "--now", "2026-01-02T03:04:05Z", "--format", "json"
    )
    answer = json.loads(ran.stdout)
    assert set(answer) >= {"columns", "values", "took", "is_partial"}
    assert answer["columns"] == [
        {"name": "n", "type": "long"},
        {"name": "name", "type": "keyword"},
        {"name": "t", "type": "date"},
    ]
    assert answer["values"] == [[2, "bo", "2026-01-02T03:04:05.000Z"]]


def test_a_refused_query_prints_elasticsearchs_error_body(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name\nana\n")
    ran = run(tmp_path, "esql", "FROM people | KEEP nope", "--index", "people=people.csv")
    assert (ran.returncode, ran.stdout) == (2, "")
    body = json.loads(ran.stderr)
    assert body["status"] == 400
    assert "Unknown column [nope]" in body["error"]["reason"]


def test_the_manifest_is_yaml_or_json(tmp_path: Path) -> None:
    assert run(tmp_path, "manifest").stdout.startswith("_metadata:\n  major_version: 2\n")
    built = json.loads(run(tmp_path, "manifest", "--format", "json", "--url", "https://bot.example.com").stdout)
    assert built["settings"]["interactivity"]["request_url"] == "https://bot.example.com/slack/events"
