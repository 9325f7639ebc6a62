"""GROK's patterns for lines of logs, with the ECS fields that Elastic's bank gives their parts.

A line is a list of parts; one that may be left empty is marked by `or_dash`.
"""

from collections.abc import Iterable

# Families of Elastic's bank that are not here: refused by name.
FOREIGN_FAMILIES = (
    "BACULA",
    "BIND9",
    "BRO_",
    "CISCO",
    "EXIM",
    "HTTPD24",
    "HTTPD_ERRORLOG",
    "IPTABLES",
    "NAGIOS",
    "NETSCREEN",
    "RAILS",
    "RCONTROLLER",
    "RPROCESSING",
    "RT_FLOW",
    "RUUID",
    "SFW2",
    "SHOREWALL",
    "ZEEK_",
)


def or_dash(pattern: str) -> str:
    """What a log writes as `-` when it has nothing."""
    return f"(?:-|{pattern})"


def _quoted(pattern: str) -> str:
    return f'"{pattern}"'


def _line(parts: Iterable[str], separator: str = " ") -> str:
    return separator.join(parts)


def maybe(pattern: str) -> str:
    return f"(?:{pattern})?"


_REQUEST = "%{WORD:http.request.method} %{NOTSPACE:url.original}" + maybe(" HTTP/%{NUMBER:http.version}")
_REFERRER = _quoted(or_dash("%{DATA:http.request.referrer}"))
_AGENT = _quoted(or_dash("%{DATA:user_agent.original}"))
_STATUS = "%{INT:http.response.status_code:int}"

_SYSLOG = {
    "SYSLOGBASE": "%{SYSLOGTIMESTAMP:timestamp} "
    + maybe("%{SYSLOGFACILITY} ")
    + "%{SYSLOGHOST:host.hostname} %{SYSLOGPROG}:",
    "SYSLOGBASE2": "(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp})"
    + maybe(" %{SYSLOGFACILITY}")
    + maybe(" %{SYSLOGHOST:host.hostname}")
    + maybe(" %{SYSLOGPROG}:"),
    "SYSLOGLINE": "%{SYSLOGBASE2} %{GREEDYDATA:message}",
    "SYSLOGPAMSESSION": "%{SYSLOGBASE} (?=%{GREEDYDATA:message})%{WORD:system.auth.pam.module}"
    r"\(%{DATA:system.auth.pam.origin}\): session %{WORD:system.auth.pam.session_state}"
    " for user %{USERNAME:user.name}" + maybe(" by %{GREEDYDATA}"),
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
            or_dash("%{TIMESTAMP_ISO8601:timestamp}"),
            or_dash("%{IPORHOST:host.hostname}"),
            or_dash("%{SYSLOG5424PRINTASCII:process.name}"),
            or_dash("%{POSINT:process.pid:int}"),
            or_dash("%{SYSLOG5424PRINTASCII:event.code}"),
            or_dash("%{SYSLOG5424SD:system.syslog.structured_data}") + "?",
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
            or_dash("%{HTTPDUSER:apache.access.user.identity}"),
            or_dash("%{HTTPDUSER:user.name}"),
            r"\[%{HTTPDATE:timestamp}\]",
            _quoted(f"(?:{_REQUEST}|%{{DATA}})"),
            or_dash(_STATUS),
            or_dash("%{INT:http.response.body.bytes:int}"),
        ]
    ),
    "HTTPD_COMBINEDLOG": _line(["%{HTTPD_COMMONLOG}", _REFERRER, _AGENT]),
    "HTTPD20_ERRORLOG": r"\[%{HTTPDERROR_DATE:timestamp}\] \[%{LOGLEVEL:log.level}\] "
    + maybe(r"\[client %{IPORHOST:source.address}\] ")
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
            or_dash("%{IP:client.ip}"),
            or_dash("%{NOTSPACE:client.user.id}"),
            "%{NOTSPACE:aws.s3access.request_id}",
            "%{NOTSPACE:aws.s3access.operation}",
            or_dash("%{NOTSPACE:aws.s3access.key}"),
            or_dash(_quoted("%{S3_REQUEST_LINE:aws.s3access.request_uri}")),
            or_dash(_STATUS),
            or_dash("%{NOTSPACE:aws.s3access.error_code}"),
            *(
                or_dash(f"%{{INT:aws.s3access.{name}:int}}")
                for name in ("bytes_sent", "object_size", "total_time", "turn_around_time")
            ),
            _REFERRER,
            _AGENT,
            or_dash("%{NOTSPACE:aws.s3access.version_id}"),
        ]
    )
    + maybe(
        " "
        + _line(
            or_dash(f"%{{NOTSPACE:{name}}}")
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
    "ELB_URIHOST": "%{IPORHOST:url.domain}" + maybe(":%{POSINT:url.port:int}"),
    "ELB_URIPATHQUERY": "%{URIPATH:url.path}" + maybe(r"\?%{URIQUERY:url.query}"),
    "ELB_URIPATHPARAM": "%{ELB_URIPATHQUERY}",
    "ELB_URI": "%{URIPROTO:url.scheme}://"
    + maybe("%{USER:url.username}(?::[^@]*)?@")
    + maybe("%{ELB_URIHOST}")
    + maybe("%{ELB_URIPATHQUERY}"),
    "ELB_REQUEST_LINE": "(?:%{WORD:http.request.method} %{ELB_URI:url.original}"
    + maybe(" HTTP/%{NUMBER:http.version}")
    + ")",
    "ELB_V1_HTTP_LOG": _line(
        [
            "%{TIMESTAMP_ISO8601:timestamp}",
            "%{NOTSPACE:aws.elb.name}",
            "%{IP:source.ip}:%{INT:source.port:int}",
            or_dash("(?:%{IP:aws.elb.backend.ip}:%{INT:aws.elb.backend.port:int})"),
            *(
                f"(?:-1|%{{NUMBER:aws.elb.{name}_processing_time.sec:float}})"
                for name in ("request", "backend", "response")
            ),
            _STATUS,
            or_dash("%{INT:aws.elb.backend.http.response.status_code:int}"),
            "%{INT:http.request.body.bytes:int}",
            "%{INT:http.response.body.bytes:int}",
            _quoted("%{ELB_REQUEST_LINE}"),
        ]
    )
    + maybe(f" {_AGENT} " + _line([or_dash("%{NOTSPACE:tls.cipher}"), or_dash("%{NOTSPACE:aws.elb.ssl_protocol}")])),
    "ELB_ACCESS_LOG": "%{ELB_V1_HTTP_LOG}",
    "CLOUDFRONT_ACCESS_LOG": _line(
        [
            r"(?<timestamp>%{YEAR}-%{MONTHNUM}-%{MONTHDAY}\t%{TIME})",
            "%{WORD:aws.cloudfront.x_edge_location}",
            or_dash("%{INT:destination.bytes:int}"),
            "%{IPORHOST:source.ip}",
            "%{WORD:http.request.method}",
            "%{HOSTNAME:url.domain}",
            "%{NOTSPACE:url.path}",
            f"(?:000|{_STATUS})",
            or_dash("%{DATA:http.request.referrer}"),
            "%{DATA:user_agent.original}",
            or_dash("%{DATA:url.query}"),
            or_dash("%{DATA:aws.cloudfront.http.request.cookie}"),
            "%{WORD:aws.cloudfront.x_edge_result_type}",
            "%{NOTSPACE:aws.cloudfront.x_edge_request_id}",
            "%{HOSTNAME:aws.cloudfront.http.request.host}",
            "%{URIPROTO:network.protocol}",
            or_dash("%{INT:source.bytes:int}"),
            "%{NUMBER:aws.cloudfront.time_taken:float}",
            or_dash("%{IP:network.forwarded_ip}"),
            or_dash("%{DATA:aws.cloudfront.ssl_protocol}"),
            or_dash("%{NOTSPACE:tls.cipher}"),
            "%{WORD:aws.cloudfront.x_edge_response_result_type}",
        ],
        r"\t",
    )
    + maybe(  # these came with later versions of the format
        r"\t"
        + _line(
            [
                or_dash("HTTP/%{NUMBER:http.version}"),
                or_dash("%{DATA:aws.cloudfront.fle_status}"),
                or_dash("%{DATA:aws.cloudfront.fle_encrypted_fields}"),
                "%{INT:source.port:int}",
                "%{NUMBER:aws.cloudfront.time_to_first_byte:float}",
                or_dash("%{DATA:aws.cloudfront.x_edge_detailed_result_type}"),
                or_dash("%{NOTSPACE:http.request.mime_type}"),
                *(
                    or_dash(f"%{{INT:aws.cloudfront.http.request.{name}:int}}")
                    for name in ("size", "range.start", "range.end")
                ),
            ],
            r"\t",
        )
    ),
}
LOG_PATTERNS = _SYSLOG | _HTTPD | _AWS
