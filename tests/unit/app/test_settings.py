"""Settings: what is accepted, what is refused and how it is said, and that no secret shows."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from app.settings import SETTING_NAMES, Purpose, Settings, read_settings
from bot.errors import SettingsError

BOT, APP, SIGNING = "xoxb-1-2-secretsecret", "xapp-1-A1-2-secretsecret", "0123456789abcdef0123456789abcdef"
ROUTING_KEY = "R0123456789ABCDEFGHIJKLMNOPQRSTU"
WHSEC = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
WHSEC_OLD = "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="
SERVING = {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP, "ELASTICSEARCH_URL": "https://es.example.com:9200"}


def faults_of(purpose: Purpose, environment: dict[str, str]) -> dict[str, str]:
    with pytest.raises(SettingsError) as refused:
        read_settings(purpose, environment)
    return dict(refused.value.faults)


def test_an_empty_environment_is_enough_where_nothing_is_needed() -> None:
    settings = read_settings(Purpose.ANYTHING, {})
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.database_url.get_secret_value().startswith("sqlite:///")
    assert settings.known_accounts == ""


@pytest.mark.parametrize(
    ("purpose", "missing"),
    [
        (Purpose.ANYTHING, set()),
        (Purpose.SEARCH, {"ELASTICSEARCH_URL"}),
        (Purpose.SOCKET_MODE, {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "ELASTICSEARCH_URL"}),
        (Purpose.HTTP, {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "ELASTICSEARCH_URL"}),
    ],
)
def test_each_purpose_names_all_that_is_missing_at_once(purpose: Purpose, missing: set[str]) -> None:
    found = set() if not missing else set(faults_of(purpose, {"PORT": ""}))
    assert found == missing


def test_an_empty_or_blank_value_is_no_value() -> None:
    assert set(faults_of(Purpose.SOCKET_MODE, SERVING | {"SLACK_BOT_TOKEN": "  "})) == {"SLACK_BOT_TOKEN"}


def test_roles_are_given_by_ids_of_people_and_of_groups() -> None:
    settings = read_settings(Purpose.ANYTHING, {"HUNTBOT_LEADS": "U0123ABCD, W0123ABCD ,S0123ABCD,,U0123ABCD"})
    assert settings.leads == {"U0123ABCD", "W0123ABCD", "S0123ABCD"}
    assert (settings.viewers, settings.responders) == (frozenset(), frozenset())


def test_a_value_pasted_with_a_newline_is_trimmed() -> None:
    settings = read_settings(Purpose.SOCKET_MODE, SERVING | {"SLACK_BOT_TOKEN": f"{BOT}\n"})
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == BOT


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1-A-secret", "must begin with xoxb-; this is an app-level token"),
        ("SLACK_BOT_TOKEN", "xoxp-1-secret", "this is a user's token"),
        ("SLACK_BOT_TOKEN", "hunter2-secret", "must begin with xoxb-"),
        ("SLACK_APP_TOKEN", BOT, "must begin with xapp-; this is a bot token"),
        ("SLACK_SIGNING_SECRET", BOT, "is a token"),
        ("ELASTICSEARCH_URL", "es.example.com:9200", "must be an address such as https://"),
        ("ELASTICSEARCH_URL", "https://host:port", "must be an address"),
        ("ELASTICSEARCH_URL", "http://elasticsearch", "must name its port, such as http://localhost:9200"),
        ("ELASTICSEARCH_CA_FILE", "/nowhere/ca.pem", "names no file"),
        ("ELASTICSEARCH_CA_FILE", __file__, "holds no certificate in PEM form"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x", "must begin with sqlite:/// or postgresql://"),
        ("DATABASE_URL", "postgresql://bot:hunter2/x@db/x", "%40 (for @)"),
        ("DATABASE_URL", "postgresql://bot:hunter2[@db/x", "%40 (for @)"),
        ("PORT", "http", "valid integer"),
        ("HUNTBOT_METRICS_PORT", "-1", "greater than or equal to 0"),
        ("PORT", "70000", "less than or equal to 65535"),
        ("HUNTBOT_HUNTS", "/nowhere/hunts", "names /nowhere/hunts, which is not there"),
        ("HUNTBOT_KNOWN_ACCOUNTS", "111122223333, 42", "'42' is none"),
        ("HUNTBOT_VIEWERS", "@security", "must be ids of people (U..., W...) and of user groups (S...)"),
        ("HUNTBOT_RESPONDERS", "U0123ABCD;U0123ABCE", "comma-separated"),
        ("HUNTBOT_LEADS", "U0123ABCD, maya", "ids, for names can be taken"),
        ("HUNTBOT_LEADS", "C0123ABCD", "must be ids of people"),
        ("HUNTBOT_TIMEZONE", "Europe/Atlantis", "must be a time zone"),
        ("HUNTBOT_DIGEST_CRON", "every day", "not a cron expression"),
        ("HUNTBOT_INGEST_DELAY", "soon", "length of time such as"),
        ("HUNTBOT_KEEP_HITS", "89d", "must be 90d or more"),
        ("HUNTBOT_KEEP_RESOLVED", "for good", "length of time such as"),
        ("HUNTBOT_SEARCH_TIMEOUT_S", "0", "greater than 0"),
        ("HUNTBOT_ON_CALL_GROUP", "@on-call", "must be a user group's id"),
        ("HUNTBOT_ESCALATE_AFTER", "soon", "length of time such as"),
        ("HUNTBOT_PAGERDUTY_ROUTING_KEY", "hunter2-secret", "an integration key of 32 letters and digits"),
        ("HUNTBOT_PAGERDUTY_URL", "http://pagerduty.example.com", "must begin with https://"),
        ("HUNTBOT_KIBANA_URL", "kibana.example.com", "must be an address such as"),
        ("HUNTBOT_KIBANA_URL", "http://kibana.example.com", "must begin with https://"),
        ("HUNTBOT_KIBANA_URL", "https://kibana.example.com/app/discover", "Kibana's own address"),
        ("HUNTBOT_KIBANA_URL", "https://kibana.example.com/#/?_a=()", "Kibana's own address"),
        ("HUNTBOT_KIBANA_URL", "https://elastic:hunter2-secret@kibana.example.com", "Kibana's own address"),
        ("HUNTBOT_WEBHOOK_PRIVATE", "maybe", "'no', 'loopback' or 'yes'"),
        ("HUNTBOT_WEBHOOK_SECRETS", "hunter2-secret", "must be whsec_ followed by 24 to 64 random bytes"),
        ("HUNTBOT_WEBHOOK_SECRETS", "whsec_c2VjcmV0", "must be whsec_ followed by 24 to 64 random bytes"),
        ("HUNTBOT_WEBHOOK_SECRETS", f"{WHSEC}!", "must be whsec_ followed by 24 to 64 random bytes"),
        ("HUNTBOT_WEBHOOK_SECRETS", f"{WHSEC},{WHSEC},{WHSEC}", "one value, or two while you rotate them"),
        ("HUNTBOT_SLACK_API_URL", "http://slack.example.com/api/", "must begin with https://"),
        ("HUNTBOT_LOG_LEVEL", "LOUD", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
    ],
)
def test_a_wrong_value_is_named_with_its_cure_and_never_repeated(name: str, value: str, says: str) -> None:
    faults = faults_of(Purpose.ANYTHING, {name: value})
    assert set(faults) == {name}
    assert says in faults[name]
    assert "secret" not in faults[name].replace("signing secret", "")
    assert "hunter2" not in faults[name]


@pytest.mark.parametrize(
    ("url", "private", "says"),
    [
        ("soc.example.com/hunter2", "no", "must be an address"),
        ("http://soc.example.com/hunter2", "no", "must begin with https://"),
        ("http://soc.example.com/hunter2", "yes", "must begin with https://"),
        ("http://127.1/hunter2", "loopback", "must begin with https://"),
        ("http://127.0.0.1:8080/hunter2", "no", "leads to this machine"),
        ("https://localhost/hunter2", "no", "leads to this machine"),
    ],
)
def test_a_webhook_goes_nowhere_but_where_it_may(url: str, private: str, says: str) -> None:
    given = {"HUNTBOT_WEBHOOK_URL": url, "HUNTBOT_WEBHOOK_PRIVATE": private, "HUNTBOT_WEBHOOK_SECRETS": WHSEC}
    faults = faults_of(Purpose.ANYTHING, given)
    assert says in faults["HUNTBOT_WEBHOOK_URL"]
    assert "hunter2" not in faults["HUNTBOT_WEBHOOK_URL"]


@pytest.mark.parametrize(
    ("url", "private"),
    [("https://soc.example.com/x", "no"), ("http://127.0.0.1:8080/x", "loopback"), ("http://[::1]:80/x", "yes")],
)
def test_a_webhook_may_lead_to_this_machine_where_that_is_said(url: str, private: str) -> None:
    given = {"HUNTBOT_WEBHOOK_URL": url, "HUNTBOT_WEBHOOK_PRIVATE": private, "HUNTBOT_WEBHOOK_SECRETS": WHSEC}
    settings = read_settings(Purpose.ANYTHING, given)
    assert settings.webhook_url is not None
    assert settings.webhook_url.get_secret_value() == url


def test_a_webhook_without_a_secret_to_sign_it_is_refused() -> None:
    faults = faults_of(Purpose.ANYTHING, {"HUNTBOT_WEBHOOK_URL": "https://soc.example.com/"})
    assert faults == {"HUNTBOT_WEBHOOK_SECRETS": "is not set, and HUNTBOT_WEBHOOK_URL needs it"}


@pytest.mark.parametrize(
    "given", ["https://events.eu.pagerduty.com", "https://events.eu.pagerduty.com/v2/enqueue"], ids=["host", "whole"]
)
def test_pagerduty_in_europe_is_named_by_its_address(given: str) -> None:
    settings = read_settings(Purpose.ANYTHING, {"HUNTBOT_PAGERDUTY_URL": given})
    assert settings.pagerduty_url == "https://events.eu.pagerduty.com/v2/enqueue"


def test_wrong_and_missing_values_are_reported_together() -> None:
    faults = faults_of(Purpose.SOCKET_MODE, {"SLACK_BOT_TOKEN": APP, "PORT": "x", "HUNTBOT_CHANEL": "#a"})
    assert set(faults) == {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "ELASTICSEARCH_URL", "PORT", "HUNTBOT_CHANEL"}
    assert faults["HUNTBOT_CHANEL"] == "is no setting; did you mean HUNTBOT_CHANNEL?"


def test_what_a_cluster_sets_for_a_service_of_our_name_is_left_alone() -> None:
    cluster = {
        "HUNTBOT_SERVICE_HOST": "10.0.0.1",
        "HUNTBOT_PORT": "tcp://10.0.0.1:3000",
        "HUNTBOT_SERVICE_PORT": "3000",
    }
    assert read_settings(Purpose.ANYTHING, cluster) == Settings()


def test_values_are_read_into_what_they_mean(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    settings = read_settings(
        Purpose.ANYTHING,
        {
            "HUNTBOT_HUNTS": os.pathsep.join([str(tmp_path), str(tmp_path / "mine")]),
            "HUNTBOT_KNOWN_ACCOUNTS": " 111122223333 ,444455556666,",
            "HUNTBOT_DIGEST_HUNTS": "lambda-perms, mine",
            "HUNTBOT_INGEST_DELAY": "90m",
            "HUNTBOT_SLACK_API_URL": "http://127.0.0.1:8080/api",
        },
    )
    assert settings.hunts == (tmp_path, tmp_path / "mine")
    assert settings.known_accounts == "111122223333,444455556666"
    assert settings.digest_hunts == ("lambda-perms", "mine")
    assert settings.ingest_delay == timedelta(minutes=90)
    assert settings.slack_api_url == "http://127.0.0.1:8080/api/"
    assert settings.is_slack_local


def test_no_secret_shows_in_repr_or_errors() -> None:
    settings = read_settings(
        Purpose.SOCKET_MODE,
        SERVING
        | {
            "ELASTICSEARCH_API_KEY": "key-hunter2",
            "ELASTICSEARCH_URL": "https://me:pw-hunter2@es.example.com",
            "HUNTBOT_PAGERDUTY_ROUTING_KEY": ROUTING_KEY,
            "HUNTBOT_WEBHOOK_URL": "https://soc.example.com/hook/hunter2",
            "HUNTBOT_WEBHOOK_SECRETS": f"{WHSEC}, {WHSEC_OLD}",
            "HUNTBOT_APPRISE_URLS": "opsgenie://token-hunter2 mailtos://me:mailhunter2@example.com?to=a@example.com",
        },
    )
    shown = repr(settings)
    assert [secret for secret in ("secretsecret", "hunter2", ROUTING_KEY, "whsec_") if secret in shown] == []
    assert set(settings.secrets()) == {
        *(BOT, APP, "key-hunter2", "pw-hunter2", ROUTING_KEY, WHSEC, WHSEC_OLD),
        *("https://soc.example.com/hook/hunter2", "token-hunter2", "mailhunter2", "example.com", "example.com"),
    }


def test_a_password_that_a_url_had_to_escape_is_redacted_either_way() -> None:
    settings = read_settings(Purpose.ANYTHING, {"DATABASE_URL": "postgresql://bot:hunter%402@db.example.com/huntbot"})
    assert set(settings.secrets()) == {"hunter%402", "hunter@2"}


def test_settings_can_not_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1


def test_every_setting_is_described() -> None:
    assert all(field.description and field.alias for field in Settings.model_fields.values())
    assert len(set(SETTING_NAMES)) == len(SETTING_NAMES)


@pytest.mark.parametrize("given", ["https://kibana.example.com/s/soc/", "https://kibana.example.com/s/soc"])
def test_kibana_is_where_it_is_whatever_slash_it_ends_in(given: str) -> None:
    settings = read_settings(Purpose.ANYTHING, {"HUNTBOT_KIBANA_URL": given})
    assert settings.kibana_url == "https://kibana.example.com/s/soc"


def test_a_kibana_for_tests_may_be_on_this_machine() -> None:
    assert read_settings(Purpose.ANYTHING, {"HUNTBOT_KIBANA_URL": "http://localhost:5601"}).kibana_url
