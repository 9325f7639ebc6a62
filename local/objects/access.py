"""How a bucket is reached: credentials, region and endpoint, found as AWS's own tools find them.

The library reads keys, web identity and the roles of containers and instances from the environment itself; what it
does not know are the profiles of the files under ~/.aws. The environment comes first, then the profile, then roles.
Source: docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html and .../file-format.html.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Mapping
from configparser import ConfigParser, Error
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from obstore.store import S3Store

from local.objects.faults import CAUGHT, NO_CREDENTIALS, NO_PROCESS, fault_of
from local.objects.place import PlaceError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config, S3Credential

_PROCESS_S = 60
_WHOLE_S = 300

_HAS_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE")
_ENDPOINT = re.compile(r"https?://[A-Za-z0-9.\[\]:_-]+(?:/[A-Za-z0-9._~/-]*)?", re.IGNORECASE)
_FROM_PROFILE = {
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "aws_session_token": "session_token",
}
_WEB_IDENTITY = ("web_identity_token_file", "role_arn", "role_session_name")
_ELSEWHERE = {
    "sso_session": "signs in by IAM Identity Center",
    "sso_start_url": "signs in by IAM Identity Center",
    "login_session": "signs in by the console",
    "role_arn": "assumes a role",
}

Profile: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Patience:
    """With what fails for a while: the server's errors, "slow down", connections that break or do not come about."""

    connect_s: float
    stall_s: float
    tries: int
    whole_s: float

    def retrying(self) -> RetryConfig:
        return {
            "max_retries": self.tries,
            "retry_timeout": timedelta(seconds=self.whole_s),
            "backoff": {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=10), "base": 2},
        }


PATIENT = Patience(connect_s=5, stall_s=20, tries=6, whole_s=60)
FIRST_LOOK = Patience(connect_s=2, stall_s=10, tries=2, whole_s=10)
"""Where there is neither a key nor a role, only time tells: nobody answers for an instance that is none."""


@dataclass(frozen=True, slots=True)
class Process:
    """Credentials from the program that a profile names. Called by the library when it needs some."""

    command: str

    def __call__(self) -> S3Credential:
        """
        Raises:
            PlaceError: the program gives none.
        """
        try:
            ran = subprocess.run(  # noqa: S603 - the profile's owner wrote it, for exactly this
                shlex.split(self.command), capture_output=True, timeout=_PROCESS_S, check=True
            )
            said = json.loads(ran.stdout)
            ends = said.get("Expiration")
            return {
                "access_key_id": said["AccessKeyId"],
                "secret_access_key": said["SecretAccessKey"],
                "token": said.get("SessionToken"),
                "expires_at": datetime.fromisoformat(ends).astimezone(UTC) if ends else None,
            }
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError, AttributeError):
            # Not from it: the error may quote what the program printed.
            raise PlaceError(NO_PROCESS) from None


@dataclass(frozen=True, slots=True)
class Access:
    """`environment`: of the process. `home`: the user's folder."""

    environment: Mapping[str, str]
    home: Path

    def store(self, bucket: str, region: str | None = None, patience: Patience = PATIENT) -> S3Store:
        """The bucket, opened; nothing is sent yet. `region`: where it is known better than here.

        Raises:
            PlaceError: a profile or file that the environment names is not there, or can not be used here.
        """
        profile = self._profile()
        config: S3Config = {"region": region or self._region(profile)}
        endpoint = self._endpoint(profile, config["region"])
        if endpoint is not None:
            config["endpoint"] = endpoint
        provider = None
        if not any(self.environment.get(name) for name in _HAS_KEYS):
            provider = self._sign(profile, config)
        client = self._client(endpoint, patience)
        try:
            return S3Store(
                bucket,
                config=config,
                client_options=client,
                retry_config=patience.retrying(),
                credential_provider=provider,
            )
        except CAUGHT as error:
            raise PlaceError(fault_of(error, "list").reason) from None

    def _sign(self, profile: Profile, config: S3Config) -> Process | None:
        """Put the profile's credentials into the configuration, or give the program that has them."""
        fields: Any = config  # the keys are in a table
        if profile.get("aws_access_key_id"):
            fields.update({ours: profile[theirs] for theirs, ours in _FROM_PROFILE.items() if profile.get(theirs)})
        elif profile.get("web_identity_token_file"):
            fields.update({name: profile[name] for name in _WEB_IDENTITY if profile.get(name)})
        elif profile.get("credential_process"):
            return Process(profile["credential_process"])
        else:
            for name, what in _ELSEWHERE.items():
                if profile.get(name):
                    raise PlaceError(self._cure(what))
        self._check_that_there_may_be_some(config)
        return None

    def _cure(self, what: str) -> str:
        command = f"aws configure export-credentials --profile {shlex.quote(self._name)} --format env"
        return f'the profile {self._name} {what}, which is left to the AWS CLI: run eval "$({command})" first'

    def _check_that_there_may_be_some(self, config: S3Config) -> None:
        """An instance that must not be asked for its role gives none."""
        is_off = self.environment.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true"
        is_elsewhere = any(name.startswith("AWS_CONTAINER_CREDENTIALS_") for name in self.environment)
        is_public = self.environment.get("AWS_SKIP_SIGNATURE", "").lower() in ("true", "1")
        if is_off and not (is_elsewhere or is_public or "access_key_id" in config or "role_arn" in config):
            raise PlaceError(NO_CREDENTIALS)

    @property
    def _name(self) -> str:
        return self.environment.get("AWS_PROFILE") or "default"

    def _profile(self) -> Profile:
        """What both files say of the profile; the credentials file counts where both say something."""
        config = _sections(self._file("AWS_CONFIG_FILE", "config"))
        keys = _sections(self._file("AWS_SHARED_CREDENTIALS_FILE", "credentials"))
        name = self._name
        of_config = config.get(f"profile {name}") or (config.get("default") if name == "default" else None)
        if self.environment.get("AWS_PROFILE") and of_config is None and name not in keys:
            raise PlaceError(f"AWS_PROFILE: there is no profile {name}")
        return {**(of_config or {}), **keys.get(name, {})}

    def _file(self, name: str, usual: str) -> Path:
        given = self.environment.get(name)
        if given is None:
            return self.home / ".aws" / usual
        return self.home / given.removeprefix("~/") if given.startswith("~/") else Path(given)

    def _region(self, profile: Profile) -> str:
        named = (
            self.environment.get("AWS_REGION"),
            self.environment.get("AWS_DEFAULT_REGION"),
            profile.get("region"),
        )
        return next(filter(None, named), "us-east-1")

    def _endpoint(self, profile: Profile, region: str) -> str | None:
        names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
        named = next(filter(None, (*map(self.environment.get, names), profile.get("endpoint_url"))), None)
        if named is None and region.startswith("cn-"):
            return f"https://s3.{region}.amazonaws.com.cn"
        if named is not None and not _ENDPOINT.fullmatch(named):  # the library ends the process over one that is none
            raise PlaceError("AWS_ENDPOINT_URL: write http://HOST:PORT or https://HOST")
        return named

    def _client(self, endpoint: str | None, patience: Patience) -> ClientConfig:
        """Plain HTTP only where the endpoint says so itself, as with AWS's tools."""
        client: ClientConfig = {
            "allow_http": bool(endpoint and endpoint.lower().startswith("http://")),
            "connect_timeout": timedelta(seconds=patience.connect_s),
            "read_timeout": timedelta(seconds=patience.stall_s),
            "timeout": timedelta(seconds=_WHOLE_S),
            "user_agent": "huntbot",
        }
        if authorities := self.environment.get("AWS_CA_BUNDLE"):
            try:
                client["root_certificate"] = Path(authorities).read_bytes()
            except OSError as error:
                raise PlaceError(f"AWS_CA_BUNDLE: {error.strerror}") from error
        return client


def _sections(path: Path) -> Mapping[str, Profile]:
    """The profiles of a file; none where there is no file.

    Raises:
        PlaceError: the file is there and can not be read.
    """
    parser = ConfigParser(interpolation=None, default_section="", strict=False, delimiters=("=",))
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise PlaceError(f"{path}: {error.strerror}") from error
    except (Error, UnicodeDecodeError):  # its text quotes lines, and one may hold a key
        raise PlaceError(f"{path}: is not written as AWS's configuration is") from None
    return {name: dict(parser[name]) for name in parser.sections()}
