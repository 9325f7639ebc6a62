"""GROK's patterns for lines of programs other than web servers and AWS: Java, databases, proxies.

Names and fields are those of Elastic's bank, in ECS, and so is what each part takes.
"""

from collections.abc import Iterable

from local.esql.grok_logs import maybe, or_dash


def _or_minus_one(field: str) -> str:
    """A time that HAProxy did not take."""
    return f"(?:-1|%{{INT:{field}:int}})"


def _any_of(*names: str) -> str:
    return "|".join(f"(?:%{{{name}}})" for name in names)


def _numbers(fields: Iterable[str]) -> str:
    return "/".join(f"%{{INT:{field}:int}}" for field in fields)


_MOMENT = "%{HOUR}:%{MINUTE}:%{SECOND}"
_CLASS = "%{JAVACLASS:java.log.origin.class.name}"
_METHOD = "%{JAVAMETHOD:log.origin.function}"
_LEVEL = "%{LOGLEVEL:log.level}"
_SAID = "%{JAVALOGMESSAGE:message}"

_JAVA = {
    "JAVAFILE": r"[a-zA-Z$_0-9. -]+",
    "JAVAMETHOD": r"<(?:cl)?init>|[a-zA-Z$_][a-zA-Z$_0-9]*",
    "JAVASTACKTRACEPART": rf"%{{SPACE}}at {_CLASS}\.{_METHOD}"
    rf"\(%{{JAVAFILE:log.origin.file.name}}{maybe(':%{INT:log.origin.file.line:int}')}\)",
    "MAVEN_VERSION": r"(?:\d+\.)?(?:\d+\.)?(?:\*|\d+)(?:[.-](?:RELEASE|SNAPSHOT))?",
    "JAVATHREAD": r"[A-Z]{2}-Processor\d+",
    "JAVALOGMESSAGE": ".*",
    "CATALINA7_DATESTAMP": f"%{{MONTH}} %{{MONTHDAY}}, %{{YEAR}} {_MOMENT} (?:AM|PM)",
    "CATALINA7_LOG": f"%{{CATALINA7_DATESTAMP:timestamp}} {_CLASS}{maybe(f' {_METHOD}')}"
    rf"\s*{maybe(f'{_LEVEL}:')} {_SAID}",
    "CATALINA8_DATESTAMP": f"%{{MONTHDAY}}-%{{MONTH}}-%{{YEAR}} {_MOMENT}",
    "CATALINA8_LOG": rf"%{{CATALINA8_DATESTAMP:timestamp}} {_LEVEL} \[%{{DATA:java.log.origin.thread.name}}\] "
    rf"{_CLASS}\.{maybe(_METHOD)} {_SAID}",
    "CATALINA_DATESTAMP": _any_of("CATALINA8_DATESTAMP", "CATALINA7_DATESTAMP"),
    "CATALINALOG": _any_of("CATALINA8_LOG", "CATALINA7_LOG"),
    "TOMCAT7_LOG": "%{CATALINA7_LOG}",
    "TOMCAT8_LOG": "%{CATALINA8_LOG}",
    "TOMCATLEGACY_DATESTAMP": f"%{{YEAR}}-%{{MONTHNUM}}-%{{MONTHDAY}} {_MOMENT}{maybe(' %{ISO8601_TIMEZONE}')}",
    "TOMCATLEGACY_LOG": rf"%{{TOMCATLEGACY_DATESTAMP:timestamp}} \| {_LEVEL} \| {_CLASS} - {_SAID}",
    "TOMCAT_DATESTAMP": _any_of("CATALINA8_DATESTAMP", "CATALINA7_DATESTAMP", "TOMCATLEGACY_DATESTAMP"),
    "TOMCATLOG": _any_of("TOMCAT8_LOG", "TOMCAT7_LOG", "TOMCATLEGACY_LOG"),
}

_DATABASES = {
    "POSTGRESQL": "%{DATESTAMP:timestamp} %{TZ:event.timezone} %{DATA:user.name} "
    "%{GREEDYDATA:postgresql.log.connection_id} %{POSINT:process.pid:int}",
    "REDISTIMESTAMP": "%{MONTHDAY} %{MONTH} %{TIME}",
    "REDISLOG": r"\[%{POSINT:process.pid:int}\] %{REDISTIMESTAMP:timestamp} \*",
    "REDISMONLOG": r"%{NUMBER:timestamp} \[%{INT:redis.database.id} %{IP:client.ip}:%{POSINT:client.port:int}\] "
    r'"%{WORD:redis.command.name}"\s?%{GREEDYDATA:redis.command.args}',
    "MONGO_WORDDASH": r"\b[\w-]+\b",
    "MONGO_LOG": r"%{SYSLOGTIMESTAMP:timestamp} \[%{WORD:mongodb.component}\] %{GREEDYDATA:message}",
    "MONGO_QUERY": r"\{ (?<=\{ ).*(?= \} ntoreturn:) \}",
    "MONGO_SLOWQUERY": "%{WORD:mongodb.profile.op} %{MONGO_WORDDASH:mongodb.database}"
    r"\.%{MONGO_WORDDASH:mongodb.collection} %{WORD}: %{MONGO_QUERY:mongodb.query.original} "
    + " ".join(f"{name}:%{{NONNEGINT:mongodb.profile.{name}:int}}" for name in ("ntoreturn", "ntoskip", "nscanned"))
    + ".*? nreturned:%{NONNEGINT:mongodb.profile.nreturned:int}.*? %{INT:mongodb.profile.duration:int}ms",
    "MONGO3_SEVERITY": r"\w",
    "MONGO3_COMPONENT": "%{WORD}",
    "MONGO3_LOG": "%{TIMESTAMP_ISO8601:timestamp} %{MONGO3_SEVERITY:log.level} "
    + or_dash("%{MONGO3_COMPONENT:mongodb.component}")
    + "%{SPACE}"
    + maybe(r"\[%{DATA:mongodb.context}\]")
    + " %{GREEDYDATA:message}",
}

_CONNECTIONS = [f"haproxy.connections.{name}" for name in ("active", "frontend", "backend", "server", "retries")]
_QUEUES = ("haproxy.server_queue", "haproxy.backend_queue")
_HEAD = (
    r"%{IP:source.address}:%{INT:source.port:int} \[%{HAPROXYDATE:haproxy.request_date}\] "
    "%{NOTSPACE:haproxy.frontend_name} %{NOTSPACE:haproxy.backend_name}/(?:<NOSRV>|%{NOTSPACE:haproxy.server_name})"
)
_TAIL = f"%{{NOTSPACE:haproxy.termination_state}} {_numbers(_CONNECTIONS)} {_numbers(_QUEUES)}"
_SYSLOG = "(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp}) %{IPORHOST:host.hostname} %{SYSLOGPROG}: "
_PROXIES = {
    "HAPROXYTIME": "%{TIME}",
    "HAPROXYDATE": "%{MONTHDAY}/%{MONTH}/%{YEAR}:%{HAPROXYTIME}.%{INT}",
    "HAPROXYCAPTUREDREQUESTHEADERS": "%{DATA:haproxy.http.request.captured_headers}",
    "HAPROXYCAPTUREDRESPONSEHEADERS": "%{DATA:haproxy.http.response.captured_headers}",
    "HAPROXYURI": maybe("%{URIPROTO:url.scheme}://")
    + maybe("%{USER:url.username}(?::[^@]*)?@")
    + maybe("%{IPORHOST:url.domain}" + maybe(":%{POSINT:url.port:int}"))
    + maybe("%{URIPATH:url.path}" + maybe(r"\?%{URIQUERY:url.query}")),
    "HAPROXYHTTPREQUESTLINE": "<BADREQ>|%{WORD:http.request.method} %{HAPROXYURI:url.original}"
    + maybe(" HTTP/%{NUMBER:http.version}"),
    "HAPROXYHTTPBASE": f"{_HEAD} "
    + "/".join(
        [
            _or_minus_one("haproxy.http.request.time_wait_ms"),
            _or_minus_one("haproxy.total_waiting_time_ms"),
            _or_minus_one("haproxy.connection_wait_time_ms"),
            _or_minus_one("haproxy.http.request.time_wait_without_data_ms"),
            "%{NOTSPACE:haproxy.total_time_ms}",
        ]
    )
    + " %{INT:http.response.status_code:int} %{INT:source.bytes:int} "
    + or_dash("%{DATA:haproxy.http.request.captured_cookie}")
    + " "
    + or_dash("%{DATA:haproxy.http.response.captured_cookie}")
    + f" {_TAIL}"
    + maybe(r" \{%{HAPROXYCAPTUREDREQUESTHEADERS}\}" + maybe(r" \{%{HAPROXYCAPTUREDRESPONSEHEADERS}\}"))
    + maybe(' "%{HAPROXYHTTPREQUESTLINE}"?'),
    "HAPROXYHTTP": _SYSLOG + "%{HAPROXYHTTPBASE}",
    "HAPROXYTCP": f"{_SYSLOG}{_HEAD} "
    + "/".join(
        [
            _or_minus_one("haproxy.total_waiting_time_ms"),
            _or_minus_one("haproxy.connection_wait_time_ms"),
            "%{NOTSPACE:haproxy.total_time_ms}",
        ]
    )
    + f" %{{INT:source.bytes:int}} {_TAIL}",
    "SQUID3_STATUS": "%{POSINT:http.response.status_code:int}|0|000",
    "SQUID3": r"%{NUMBER:timestamp}\s+"
    + r"\s".join(
        [
            "%{NUMBER:squid.request.duration:int}",
            "%{IP:source.ip}",
            "%{WORD:event.action}/%{SQUID3_STATUS}",
            "%{INT:http.response.bytes:long}",
            "%{WORD:http.request.method}",
            "%{NOTSPACE:url.original}",
            or_dash("%{NOTSPACE:user.name}"),
            f"%{{WORD:squid.hierarchy_code}}/{or_dash('%{IPORHOST:destination.address}')}",
            or_dash("%{NOTSPACE:http.response.mime_type}"),
        ]
    ),
}
_RUBY = {
    "RUBY_LOGLEVEL": "DEBUG|FATAL|ERROR|WARN|INFO",
    "RUBY_LOGGER": r"[DFEWI], \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:process.pid:int}\] *"
    "%{RUBY_LOGLEVEL:log.level} -- +%{DATA:process.name}: %{GREEDYDATA:message}",
    "MCOLLECTIVE": rf"., \[%{{TIMESTAMP_ISO8601:timestamp}} #%{{POSINT:process.pid:int}}\]%{{SPACE}}{_LEVEL}",
    "MCOLLECTIVEAUDIT": "%{TIMESTAMP_ISO8601:timestamp}:",
}
PROGRAM_PATTERNS = _JAVA | _DATABASES | _PROXIES | _RUBY
