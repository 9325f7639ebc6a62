"""Where credentials, region and endpoint come from."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from local.objects.access import Access, Process
from local.objects.place import PlaceError

SECRET = "do-not-show-this"
CONFIG = f"""
[default]
region = eu-west-1
[profile keys]
region = eu-central-1
endpoint_url = https://minio.example:9000
[profile program]
credential_process = /bin/echo '{{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "{SECRET}"}}'
[profile broken]
credential_process = /bin/echo {SECRET}
[profile sso]
sso_session = company
[profile role]
role_arn = arn:aws:iam::111122223333:role/Reader
source_profile = keys
[profile pod]
role_arn = arn:aws:iam::111122223333:role/Reader
web_identity_token_file = /var/run/token
[profile china]
region = cn-north-1
"""
CREDENTIALS = f"""
[default]
aws_access_key_id = DEFAULT
aws_secret_access_key = {SECRET}
[keys]
aws_access_key_id = KEYS
aws_secret_access_key = {SECRET}
aws_session_token = TOKEN
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / ".aws"
    folder.mkdir()
    (folder / "config").write_text(CONFIG)
    (folder / "credentials").write_text(CREDENTIALS)
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, {"access_key_id": "DEFAULT", "region": "eu-west-1"}),
        ({"AWS_PROFILE": "keys"}, {"access_key_id": "KEYS", "session_token": "TOKEN", "region": "eu-central-1"}),
        ({"AWS_PROFILE": "keys"}, {"endpoint": "https://minio.example:9000"}),
        ({"AWS_PROFILE": "keys", "AWS_REGION": "us-west-2"}, {"region": "us-west-2"}),
        ({"AWS_PROFILE": "keys", "AWS_DEFAULT_REGION": "us-west-2"}, {"region": "us-west-2"}),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9000"}, {"endpoint": "http://127.0.0.1:9000"}),
        ({"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://b"}, {"endpoint": "http://b"}),
        ({"AWS_PROFILE": "china", "AWS_ACCESS_KEY_ID": "E"}, {"endpoint": "https://s3.cn-north-1.amazonaws.com.cn"}),
        ({"AWS_PROFILE": "pod"}, {"web_identity_token_file": "/var/run/token"}),
        ({"AWS_SHARED_CREDENTIALS_FILE": "/nowhere", "AWS_CONFIG_FILE": "/nowhere"}, {"region": "us-east-1"}),
        ({"AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}, {"access_key_id": "DEFAULT"}),
    ],
)
def test_it_is_reached_as_awss_tools_reach_it(
    home: Path, environment: dict[str, str], expected: Mapping[str, str]
) -> None:
    config = Access(environment, home).store("trail").config
    assert {name: value for name, value in config.items() if name in expected} == expected


def test_keys_of_the_environment_come_before_those_of_a_profile(home: Path) -> None:
    config = Access({"AWS_PROFILE": "keys", "AWS_ACCESS_KEY_ID": "E"}, home).store("trail").config
    assert "access_key_id" not in config  # the library takes them from the environment itself


def test_a_program_may_give_them(home: Path) -> None:
    provider = Access({"AWS_PROFILE": "program"}, home).store("trail").credential_provider
    assert isinstance(provider, Process)
    assert provider()["secret_access_key"] == SECRET


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"AWS_PROFILE": "absent"}, "no profile absent"),
        ({"AWS_PROFILE": "sso"}, "aws configure export-credentials --profile sso"),
        ({"AWS_PROFILE": "role"}, "aws configure export-credentials --profile role"),
        ({"AWS_ENDPOINT_URL": "not a url"}, "AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL": f"https://user:{SECRET}@host"}, "AWS_ENDPOINT_URL"),
        ({"AWS_CA_BUNDLE": "/nowhere.pem"}, "AWS_CA_BUNDLE"),
        ({"AWS_CONFIG_FILE": "/etc"}, "/etc"),
        ({"AWS_PROFILE": "china", "AWS_EC2_METADATA_DISABLED": "true"}, "no AWS credentials are found"),
    ],
)
def test_what_can_not_be_used_says_what_to_do(home: Path, environment: dict[str, str], said: str) -> None:
    with pytest.raises(PlaceError) as fault:
        Access(environment, home).store("trail")
    assert said in str(fault.value)
    assert SECRET not in str(fault.value)


def test_a_program_that_fails_is_not_quoted(home: Path) -> None:
    provider = Access({"AWS_PROFILE": "broken"}, home).store("trail").credential_provider
    assert isinstance(provider, Process)
    with pytest.raises(PlaceError) as fault:
        provider()
    assert SECRET not in str(fault.value)


def test_a_file_that_is_none_is_not_quoted(home: Path) -> None:
    (home / ".aws" / "credentials").write_text(f"aws_secret_access_key = {SECRET}")
    with pytest.raises(PlaceError, match="is not written as") as fault:
        Access({}, home).store("trail")
    assert SECRET not in str(fault.value)
