"""GROK's patterns for lines of logs, with the ECS fields that Elastic's bank gives their parts.

A line is a list of parts; one that a log writes as `-` when it has nothing is marked by `_or_dash`.
"""

from collections.abc import Iterable

# Families of Elastic's bank that are not here: refused by name.
FOREIGN_FAMILIES = (
    "BACULA",
    "BIND9",
    "BRO_",
    "CATALINA",
    "CISCO",
    "CLOUDFRONT",
    "EXIM",
    "HAPROXY",
    "HTTPD24",
    "HTTPD_ERRORLOG",
    "IPTABLES",
    "JAVAFILE",
    "JAVALOG",
    "JAVAMETHOD",
    "JAVASTACK",
    "JAVATHREAD",
    "MAVEN",
    "MCOLLECTIVE",
    "MONGO",
    "NAGIOS",
    "NETSCREEN",
    "POSTGRESQL",
    "RAILS",
    "RCONTROLLER",
    "REDIS",
    "RPROCESSING",
    "RT_FLOW",
    "RUBY",
    "SFW2",
    "SHOREWALL",
    "SQUID",
    "TOMCAT",
    "ZEEK_",
)


def _or_dash(pattern: str) -> str:
    return f"(?:-|{pattern})"


def _quoted(pattern: str) -> str:
    return f'"{pattern}"'


def _line(parts: Iterable[str], separator: str = " ") -> str:
    return separator.join(parts)


def _maybe(pattern: str) -> str:
    return f"(?:{pattern})?"


_REQUEST = "%{WORD:http.request.method} %{NOTSPACE:url.original}" + _maybe(" HTTP/%{NUMBER:http.version}")
_REFERRER = _quoted(_or_dash("%{DATA:http.request.referrer}"))
_AGENT = _quoted(_or_dash("%{DATA:user_agent.original}"))
_STATUS = "%{INT:http.response.status_code:int}"

_SYSLOG = {
    "SYSLOGBASE": "%{SYSLOGTIMESTAMP:timestamp} "
    + _maybe("%{SYSLOGFACILITY} ")
    + "%{SYSLOGHOST:host.hostname} %{SYSLOGPROG}:",
    "SYSLOGBASE2": "(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp})"
    + _maybe(" %{SYSLOGFACILITY}")
    + _maybe(" %{SYSLOGHOST:host.hostname}")
    + _maybe(" %{SYSLOGPROG}:"),
    "SYSLOGLINE": "%{SYSLOGBASE2} %{GREEDYDATA:message}",
    "SYSLOGPAMSESSION": "%{SYSLOGBASE} (?=%{GREEDYDATA:message})%{WORD:system.auth.pam.module}"
    r"\(%{DATA:system.auth.pam.origin}\): session %{WORD:system.auth.pam.session_state}"
    " for user %{USERNAME:user.name}" + _maybe(" by %{GREEDYDATA}"),
    "CRON_ACTION": "[A-Z ]+",
    "CRONLOG": r"%{SYSLOGBASE} \(%{USER:user.name}\) %{CRON_ACTION:system.cron.action} \(%{DATA:message}\)",
    # RFC 5424
    "SYSLOG5424PRINTASCII": "[!-~]+",
    "SYSLOG5424PRI": "<%{NONNEGINT:log.syslog.priority:int}>",
    "SYSLOG5424SD": r"\[%{DATA}\]+",
    "SYSLOG5424BASE": "%{SYSLOG5424PRI}"
    + _line(
        [
            "%{NONNEGINT:system.syslog.version}",
            _or_dash("%{TIMESTAMP_ISO8601:timestamp}"),
            _or_dash("%{IPORHOST:host.hostname}"),
            _or_dash("%{SYSLOG5424PRINTASCII:process.name}"),
            _or_dash("%{POSINT:process.pid:int}"),
            _or_dash("%{SYSLOG5424PRINTASCII:event.code}"),
            _or_dash("%{SYSLOG5424SD:system.syslog.structured_data}") + "?",
        ],
        " +",
    ),
    "SYSLOG5424LINE": "%{SYSLOG5424BASE} +%{GREEDYDATA:message}",
}
_HTTPD = {
    "HTTPDERROR_DATE": "%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR}",
    "HTTPD_COMMONLOG": _line(
        [
            "%{IPORHOST:source.address}",
            _or_dash("%{HTTPDUSER:apache.access.user.identity}"),
            _or_dash("%{HTTPDUSER:user.name}"),
            r"\[%{HTTPDATE:timestamp}\]",
            _quoted(f"(?:{_REQUEST}|%{{DATA}})"),
            _or_dash(_STATUS),
            _or_dash("%{INT:http.response.body.bytes:int}"),
        ]
    ),
    "HTTPD_COMBINEDLOG": _line(["%{HTTPD_COMMONLOG}", _REFERRER, _AGENT]),
    "HTTPD20_ERRORLOG": r"\[%{HTTPDERROR_DATE:timestamp}\] \[%{LOGLEVEL:log.level}\] "
    + _maybe(r"\[client %{IPORHOST:source.address}\] ")
    + "%{GREEDYDATA:message}",
    "COMMONAPACHELOG": "%{HTTPD_COMMONLOG}",
    "COMBINEDAPACHELOG": "%{HTTPD_COMBINEDLOG}",
}
_AWS = {
    "S3_REQUEST_LINE": f"(?:{_REQUEST})",
    "S3_ACCESS_LOG": _line(
        [
            "%{WORD:aws.s3access.bucket_owner}",
            "%{NOTSPACE:aws.s3access.bucket}",
            r"\[%{HTTPDATE:timestamp}\]",
            _or_dash("%{IP:client.ip}"),
            _or_dash("%{NOTSPACE:client.user.id}"),
            "%{NOTSPACE:aws.s3access.request_id}",
            "%{NOTSPACE:aws.s3access.operation}",
            _or_dash("%{NOTSPACE:aws.s3access.key}"),
            _or_dash(_quoted("%{S3_REQUEST_LINE:aws.s3access.request_uri}")),
            _or_dash(_STATUS),
            _or_dash("%{NOTSPACE:aws.s3access.error_code}"),
            *(
                _or_dash(f"%{{INT:aws.s3access.{name}:int}}")
                for name in ("bytes_sent", "object_size", "total_time", "turn_around_time")
            ),
            _REFERRER,
            _AGENT,
            _or_dash("%{NOTSPACE:aws.s3access.version_id}"),
        ]
    )
    + _maybe(
        " "
        + _line(
            _or_dash(f"%{{NOTSPACE:{name}}}")
            for name in (
                "aws.s3access.host_id",
                "aws.s3access.signature_version",
                "tls.cipher",
                "aws.s3access.authentication_type",
                "aws.s3access.host_header",
                "aws.s3access.tls_version",
            )
        )
    ),
    "ELB_URIHOST": "%{IPORHOST:url.domain}" + _maybe(":%{POSINT:url.port:int}"),
    "ELB_URIPATHQUERY": "%{URIPATH:url.path}" + _maybe(r"\?%{URIQUERY:url.query}"),
    "ELB_URIPATHPARAM": "%{ELB_URIPATHQUERY}",
    "ELB_URI": "%{URIPROTO:url.scheme}://"
    + _maybe("%{USER:url.username}(?::[^@]*)?@")
    + _maybe("%{ELB_URIHOST}")
    + _maybe("%{ELB_URIPATHQUERY}"),
    "ELB_REQUEST_LINE": "(?:%{WORD:http.request.method} %{ELB_URI:url.original}"
    + _maybe(" HTTP/%{NUMBER:http.version}")
    + ")",
    "ELB_V1_HTTP_LOG": _line(
        [
            "%{TIMESTAMP_ISO8601:timestamp}",
            "%{NOTSPACE:aws.elb.name}",
            "%{IP:source.ip}:%{INT:source.port:int}",
            _or_dash("(?:%{IP:aws.elb.backend.ip}:%{INT:aws.elb.backend.port:int})"),
            *(
                f"(?:-1|%{{NUMBER:aws.elb.{name}_processing_time.sec:float}})"
                for name in ("request", "backend", "response")
            ),
            _STATUS,
            _or_dash("%{INT:aws.elb.backend.http.response.status_code:int}"),
            "%{INT:http.request.body.bytes:int}",
            "%{INT:http.response.body.bytes:int}",
            _quoted("%{ELB_REQUEST_LINE}"),
        ]
    )
    + _maybe(
        f" {_AGENT} " + _line([_or_dash("%{NOTSPACE:tls.cipher}"), _or_dash("%{NOTSPACE:aws.elb.ssl_protocol}")])
    ),
    "ELB_ACCESS_LOG": "%{ELB_V1_HTTP_LOG}",
}
LOG_PATTERNS = _SYSLOG | _HTTPD | _AWS
