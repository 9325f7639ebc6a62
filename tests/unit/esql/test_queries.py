"""What queries answer: tables of (query, rows), over the rows of conftest.py or of ROW."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from local.esql import Catalog, Engine, Index
from local.esql.errors import UnsupportedError

Rows = list[list[object]]

TRAIL = "FROM logs-trail-* | "

COMMANDS: list[tuple[str, Rows]] = [
    # WHERE is three-valued: null rows are in neither half
    (TRAIL + 'WHERE action == "GetFunction" | KEEP user.name', [["bob"]]),
    (TRAIL + 'WHERE action != "GetFunction" | KEEP user.name', [["ann"], ["ann"]]),
    (TRAIL + 'WHERE NOT action LIKE "Get*" | KEEP user.name', [["ann"], ["ann"]]),
    (TRAIL + 'WHERE action IN ("GetFunction", null) | KEEP user.name', [["bob"]]),
    (TRAIL + 'WHERE action NOT IN ("GetFunction", null) | KEEP user.name', []),
    (TRAIL + "WHERE ok | KEEP user.name", [["ann"], ["cy"]]),
    (TRAIL + "WHERE ok IS NULL OR retries > 1 AND NOT ok | KEEP user.name", [["bob"], ["ann"]]),
    (TRAIL + "WHERE absent IS NULL | KEEP absent | LIMIT 1", [[None]]),
    # a multi-value in a comparison is null
    (TRAIL + 'WHERE tags == "c" | KEEP user.name', [["bob"]]),
    (TRAIL + 'WHERE MV_CONTAINS(tags, "a") | KEEP tags', [[["a", "b"]]]),
    # dates compare with text, ips by value, and both in CIDR blocks
    (TRAIL + 'WHERE @timestamp >= "2026-01-08" | KEEP user.name', [["ann"], ["cy"]]),
    (TRAIL + "WHERE @timestamp > NOW() - 7 day | KEEP user.name", [["ann"], ["cy"]]),
    (TRAIL + 'WHERE source.ip < "10.0.0.10" | KEEP source.ip', [["10.0.0.9"]]),
    (
        TRAIL + 'WHERE CIDR_MATCH(source.ip, "10.0.0.8/29", "2001:db8::/32") | KEEP user.name',
        [["ann"], ["bob"], ["ann"]],
    ),
    # TRANGE excludes its start and includes its end
    (TRAIL + "WHERE TRANGE(3 days) | KEEP user.name", [["ann"], ["cy"]]),
    (TRAIL + 'WHERE TRANGE("2026-01-03T06:00:00Z", "2026-01-08T12:00:00Z") | KEEP user.name', [["ann"]]),
    (TRAIL + "WHERE TRANGE(1767420000000, 1767420000000 + 6 * 86400000) | KEEP user.name", [["ann"]]),
    # EVAL sees what it made, and a name made anew goes last
    ("ROW a = 1, b = 2 | EVAL a = a + 1, c = a * 10", [[2, 2, 20]]),
    # SORT: nulls are largest; a list sorts by its least, descending by its greatest; equals stay in input order
    (TRAIL + "SORT retries | KEEP user.name", [["ann"], ["bob"], ["ann"], ["cy"]]),
    (TRAIL + "SORT retries DESC | KEEP user.name", [["cy"], ["bob"], ["ann"], ["ann"]]),
    (TRAIL + "SORT retries NULLS FIRST, bytes DESC | KEEP bytes", [[7], [100], [None], [2_000_000_000_000]]),
    ("ROW a = [3, 1] | MV_EXPAND a | SORT a DESC", [[3], [1]]),
    # LIMIT and its groups
    (TRAIL + "SORT @timestamp DESC | LIMIT 2 | KEEP user.name", [["cy"], ["ann"]]),
    (TRAIL + "SORT @timestamp DESC | LIMIT 1 BY user.name | KEEP user.name", [["cy"], ["ann"], ["bob"]]),
    # KEEP, DROP, RENAME
    ("ROW aa = 1, ab = 2, b = 3 | KEEP b, a*, aa", [[3, 2, 1]]),
    ("ROW aa = 1, ab = 2, b = 3 | KEEP b, aa, b", [[1, 3]]),
    ("ROW aa = 1, ab = 2, b = 3 | DROP a*", [[3]]),
    ("ROW a = 1, b = 2 | RENAME a AS t, b AS a, t AS b", [[1, 2]]),
    ("ROW `a b` = 1, c = 2 | KEEP `a b`", [[1]]),
    # DISSECT: all keys or none; what follows another delimiter is empty
    ('ROW t = "x=1, y=2" | DISSECT t "x=%{x}, y=%{y}" | KEEP x, y', [["1", "2"]]),
    ('ROW t = "x=1" | DISSECT t "x=%{x}, y=%{y}" | KEEP x, y', [[None, None]]),
    ('ROW t = "a,,b c" | DISSECT t "%{x},%{y},%{z} %{?w}" | KEEP x, y, z', [["a", "", "b"]]),
    ('ROW t = "a   b" | DISSECT t "%{x->} %{y}" | KEEP x, y', [["a", "b"]]),
    ('ROW t = "1 2 3" | DISSECT t "%{+x/2} %{+x/1} %{y}" APPEND_SEPARATOR="-" | KEEP x, y', [["2-1", "3"]]),
    ('ROW t = "1 2" | DISSECT t "%{x} %{x}" | KEEP x', [["2"]]),
    ('ROW t = "1 2 3" | DISSECT t "%{x} %{+x/0} %{+x}" APPEND_SEPARATOR="," | KEEP x', [["1,3,2"]]),
    ('ROW t = "1 2" | DISSECT t "%{} %{x}" | KEEP x', [["2"]]),
    # GROK: search anywhere, several patterns, types, own groups, several values
    ('ROW t = "user=ann id=7" | GROK t "user=%{WORD:u} id=%{INT:id:int}" | KEEP u, id', [["ann", 7]]),
    ('ROW t = "user=ann" | GROK t "id=%{INT:id}", "user=(?<u>[a-z]+)" | KEEP id, u', [[None, "ann"]]),
    ('ROW t = "1.2.3.4 and 5.6.7.8" | GROK t "%{IP:ip} and %{IP:ip}" | KEEP ip', [[["1.2.3.4", "5.6.7.8"]]]),
    ('ROW t = ["a 1", "b 2"] | GROK t "%{WORD:w} %{INT:n:long}" | KEEP w, n', [[["a", "b"], [1, 2]]]),
    ('ROW t = "aabb.ccdd.eeff" | GROK t "%{MAC:m}" | KEEP m', [["aabb.ccdd.eeff"]]),
    # comments, raw strings, casts
    ('ROW a = "1" /* one /* nested */ */ | EVAL b = a::integer // a number\n| KEEP b', [[1]]),
    ('ROW a = """say "hi" \\d"""', [['say "hi" \\d']]),
]

STATS: list[tuple[str, Rows]] = [
    (TRAIL + "STATS COUNT(*), COUNT(action), COUNT(tags), COUNT_DISTINCT(tags)", [[4, 3, 3, 3]]),
    (
        TRAIL + "STATS SUM(retries), AVG(retries), MEDIAN(retries), MIN(score), MAX(user.name)",
        [[5, 5 / 3, 2.0, -2.5, "cy"]],
    ),
    (
        TRAIL + "STATS n = COUNT(*), latest = MAX(@timestamp) BY user.name | SORT user.name | LIMIT 1",
        [[2, "2026-01-08T12:00:00.000Z", "ann"]],
    ),
    (TRAIL + "STATS n = COUNT(*) BY tags | SORT tags", [[1, "a"], [1, "b"], [1, "c"], [2, None]]),
    (TRAIL + "STATS a = COUNT(*) WHERE retries > 1, b = SUM(retries) WHERE retries > 5", [[2, None]]),
    (TRAIL + "STATS x = ROUND(SUM(score) / COUNT(score), 2), y = MAX(retries) + 1", [[-0.33, 3]]),
    (TRAIL + "STATS BY user.name", [["ann"], ["bob"], ["cy"]]),
    (
        TRAIL + 'STATS v = VALUES(user.name), t = TOP(bytes, 2, "desc")',
        [[["ann", "bob", "cy"], [2_000_000_000_000, 100]]],
    ),
    (TRAIL + "STATS p = PRESENT(action), a = ABSENT(absent), q = ABSENT(tags)", [[True, True, False]]),
    (TRAIL + "WHERE false | STATS n = COUNT(*), s = SUM(retries)", [[0, None]]),
    (TRAIL + "WHERE false | STATS n = COUNT(*) BY ok", []),
    (
        TRAIL + "STATS n = COUNT(*) BY day = DATE_TRUNC(1 week, @timestamp) | SORT day",
        [[2, "2025-12-29T00:00:00.000Z"], [2, "2026-01-05T00:00:00.000Z"]],
    ),
    (
        TRAIL + 'STATS n = COUNT(*) BY b = BUCKET(@timestamp, 5, "2026-01-01", "2026-01-10") | SORT b | LIMIT 1',
        [[2, "2025-12-29T00:00:00.000Z"]],
    ),
    # a part that says the same as a key is that key, and a BUCKET of BY may stand in a filter
    (
        TRAIL + "STATS x = MAX(bytes) + (retries%2) BY retries % 2 | SORT x",
        [[101, 1], [2_000_000_000_000, 0], [None, None]],
    ),
    (
        TRAIL + "STATS n = COUNT(*) WHERE BUCKET(retries, 2) > 1 BY b = BUCKET(retries, 2) | SORT b",
        [[0, 0.0], [2, 2.0], [0, None]],
    ),
    # FIRST and LAST take the whole of a row, also a null or several values
    (TRAIL + "STATS f = FIRST(tags, @timestamp), l = LAST(bytes, @timestamp)", [[["a", "b"], 7]]),
    (
        TRAIL + "STATS f = FIRST(bytes, retries) BY user.name | SORT user.name",
        [[100, "ann"], [2_000_000_000_000, "bob"], [None, "cy"]],
    ),
    # a BUCKET of BY may be asked for again, also where it is a part of the key; one of no size is null
    (
        "ROW a = [14, 27] | MV_EXPAND a | STATS m = MAX(1 + BUCKET(a, 10)) BY BUCKET(a, 10) + 5 | SORT m",
        [[11.0, 15.0], [21.0, 25.0]],
    ),
    ("ROW a = 1 | STATS BY b = BUCKET(a, 0), c = BUCKET(a, -1, 0, 0), d = BUCKET(a, 0, 0, 9)", [[None, None, None]]),
    (TRAIL + "STATS a = VARIANCE(retries), b = ROUND(STD_VAR(retries) / 2, 6)", [[2 / 9, 0.111111]]),
    # EARLIEST and LATEST are FIRST and LAST by @timestamp
    (TRAIL + "STATS e = EARLIEST(action), l = LATEST(user.name)", [["AddPermission20150331v2", "cy"]]),
    (TRAIL + 'STATS l = CONCAT(LATEST(user.name), "!") WHERE retries == 2', [["ann!"]]),
    (TRAIL + "STATS w = WEIGHTED_AVG(score, retries), n = WEIGHTED_AVG(retries, 2)", [[(1.5 - 5.0) / 5, 5 / 3]]),
    (TRAIL + "STATS w = WEIGHTED_AVG(score, bytes - bytes)", [[None]]),
    (TRAIL + "EVAL none = 0 | STATS w = WEIGHTED_AVG(score, none)", [[None]]),
    (TRAIL + 'STATS t = TOP(bytes, 2, "asc", user.name)', [[["cy", "ann"]]]),
    (TRAIL + "STATS s = SAMPLE(user.name, 10) | EVAL s = MV_SORT(s)", [[["ann", "ann", "bob", "cy"]]]),
    (TRAIL + "STATS s = SAMPLE(tags, 2) | EVAL n = MV_COUNT(s) | KEEP n", [[2]]),
    # INLINE STATS keeps every row in its order; null is a group; a row of several groups gets the results of each
    (
        TRAIL + "INLINE STATS n = COUNT(*) BY user.name | KEEP user.name, n",
        [["ann", 2], ["bob", 1], ["ann", 2], ["cy", 1]],
    ),
    (TRAIL + "INLINE STATS n = COUNT(*) BY retries | KEEP retries, n", [[1, 1], [2, 2], [2, 2], [None, 1]]),
    (
        TRAIL + "INLINE STATS n = MAX(bytes) + 1 BY tags | KEEP tags, n",
        [[["a", "b"], [101, 101]], ["c", 2_000_000_000_001], [None, 8], [None, 8]],
    ),
    (TRAIL + "INLINE STATS m = MAX(retries) | WHERE retries == m | KEEP user.name", [["bob"], ["ann"]]),
    # ... and may come after LIMIT BY, though not after LIMIT
    (
        TRAIL + "SORT bytes | LIMIT 1 BY user.name | INLINE STATS n = COUNT(*) | KEEP user.name, n | SORT user.name",
        [["ann", 3], ["bob", 3], ["cy", 3]],
    ),
    # a column and another name of it are one key
    (
        TRAIL + "EVAL t = tags, u = t | STATS n = COUNT(*) BY tags, u | KEEP n, tags, u | SORT u",
        [[1, "a", "a"], [1, "b", "b"], [1, "c", "c"], [2, None, None]],
    ),
    ("ROW a = [4, 5] | EVAL b = a | INLINE STATS n = COUNT(*) BY a, b", [[[1, 1], [4, 5], [4, 5]]]),
    ("ROW a = 1 | EVAL b = a, a = b + 1, c = a | KEEP a, b, c", [[2, 1, 2]]),
    # a column that only the function over a list's values reads
    (TRAIL + "EVAL x = MV_CONCAT(tags, user.name) | KEEP x", [["aannb"], ["c"], [None], [None]]),
    (TRAIL + "EVAL x = MV_ZIP(tags, tags, action) | STATS n = COUNT(x)", [[3]]),
]


@pytest.mark.parametrize(("query", "rows"), [*COMMANDS, *STATS])
def test_a_query_answers(engine: Engine, query: str, rows: Rows) -> None:
    assert [list(row) for row in engine.query(query).values] == rows


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("FROM empty", [("a", "keyword"), ("n", "long")]),
        (
            "FROM empty METADATA _index, _id",
            [("a", "keyword"), ("n", "long"), ("_index", "keyword"), ("_id", "keyword")],
        ),
        (
            "ROW a = 1 | STATS coUnt(*), MAX(a  + 1) BY a",
            [("coUnt(*)", "long"), ("MAX(a  + 1)", "integer"), ("a", "integer")],
        ),
        ("ROW a = 1 | EVAL a + 1, b = null", [("a", "integer"), ("a + 1", "integer"), ("b", "null")]),
        ("ROW a = 1 | INLINE STATS m = MAX(a) BY a", [("m", "integer"), ("a", "integer")]),
        ("ROW a = 1, b = 2 | STATS a = MAX(b) BY a", [("a", "integer")]),
        (
            TRAIL + "KEEP @timestamp, source.ip, note | EVAL up = TO_UPPER(note)",
            [("@timestamp", "date"), ("source.ip", "ip"), ("note", "text"), ("up", "keyword")],
        ),
    ],
)
def test_columns_are_named_and_typed(engine: Engine, query: str, columns: list[tuple[str, str]]) -> None:
    assert list(engine.query(query).columns) == columns


@pytest.mark.parametrize(
    ("pattern", "line", "found"),
    [
        (
            "COMBINEDAPACHELOG",
            '10.0.0.7 - ann [02/Jan/2026:03:04:05 +0000] "GET /x HTTP/1.1" 404 - "-" "curl/8"',
            {"source.address": "10.0.0.7", "user.name": "ann", "http.response.status_code": 404},
        ),
        (
            "SYSLOGBASE} %{GREEDYDATA:message",
            "Jan  2 03:04:05 web1 sshd[71]: no",
            {"host.hostname": "web1", "process.name": "sshd", "process.pid": 71, "message": "no"},
        ),
        (
            "S3_ACCESS_LOG",
            (
                "0a own-bucket [02/Jan/2026:03:04:05 +0000] 192.0.2.7 - R1 REST.GET.OBJECT k.txt "
                '"GET /k.txt HTTP/1.1" 200 - 5 6 9 8 "-" "aws-cli" -'
            ),
            {"client.ip": "192.0.2.7", "aws.s3access.key": "k.txt", "aws.s3access.object_size": 6},
        ),
        (
            "ELB_ACCESS_LOG",
            (
                "2026-01-02T03:04:05Z lb 192.0.2.7:2817 10.0.0.1:80 0.1 0.2 0.3 200 200 0 29"
                ' "GET http://h.example:80/x?y HTTP/1.1"'
            ),
            {"source.port": 2817, "url.path": "/x", "aws.elb.backend_processing_time.sec": 0.2},
        ),
        (
            "SYSLOG5424LINE",
            "<34>1 2026-01-02T03:04:05Z web1 su - ID47 - failed",
            {"log.syslog.priority": 34, "process.name": "su", "event.code": "ID47", "message": "failed"},
        ),
        (
            "CLOUDFRONT_ACCESS_LOG",
            (
                "2026-01-02\t03:04:05\tFRA6\t512\t192.0.2.7\tGET\td1.cloudfront.net\t/a.js\t200\t-\tcurl/8\tq=1\t-\tHit\t"
                "R1\tcdn.example\thttps\t23\t0.001\t-\tTLSv1.3\tAES\tHit\t"
                "HTTP/2.0\t-\t-\t4711\t0.001\tHit\ttext/js\t9\t-\t-"
            ),
            {
                "timestamp": "2026-01-02\t03:04:05",
                "url.query": "q=1",
                "source.port": 4711,
                "aws.cloudfront.time_taken": 0.001,
                "aws.cloudfront.http.request.size": 9,
            },
        ),
        (
            "CATALINA8_LOG",
            "31-Jul-2026 16:40:38.578 INFO [main] org.a.Server.start up in [2] ms",
            {"log.level": "INFO", "java.log.origin.class.name": "org.a.Server", "log.origin.function": "start"},
        ),
        (
            "TOMCAT7_LOG",
            "Jan 9, 2026 7:13:13 AM org.a.Loader load INFO: done",
            {"timestamp": "Jan 9, 2026 7:13:13 AM", "log.origin.function": "load", "message": "done"},
        ),
        (
            "JAVASTACKTRACEPART",
            "  at org.a.Main.<init>(Main.java:17)",
            {"log.origin.function": "<init>", "log.origin.file.name": "Main.java", "log.origin.file.line": 17},
        ),
        (
            "POSTGRESQL",
            "02-01-2026 03:04:05 UTC ann 5f1.2 417",
            {"event.timezone": "UTC", "user.name": "ann", "process.pid": 417},
        ),
        (
            "REDISMONLOG",
            '1767322800.12 [0 192.0.2.7:4711] "SET" "k" "v"',
            {
                "redis.database.id": "0",
                "client.port": 4711,
                "redis.command.name": "SET",
                "redis.command.args": '"k" "v"',
            },
        ),
        (
            "MONGO_SLOWQUERY",
            "query shop.orders query: { a: 1 } ntoreturn:5 ntoskip:0 nscanned:70 locks:0 nreturned:5 reslen:9 310ms",
            {"mongodb.collection": "orders", "mongodb.profile.nscanned": 70, "mongodb.profile.duration": 310},
        ),
        (
            "MONGO3_LOG",
            "2026-01-02T03:04:05.000+0000 I NETWORK  [conn7] end connection",
            {
                "log.level": "I",
                "mongodb.component": "NETWORK",
                "mongodb.context": "conn7",
                "message": "end connection",
            },
        ),
        (
            "SQUID3",
            "1767322800.123    87 192.0.2.7 TCP_MISS/200 5120 GET http://h.example/ ann DIRECT/198.51.100.9 text/x",
            {"event.action": "TCP_MISS", "http.response.bytes": 5120, "destination.address": "198.51.100.9"},
        ),
        (
            "HAPROXYHTTPBASE",
            (
                "192.0.2.7:4711 [02/Jan/2026:03:04:05.678] web app/a1 10/0/-1/69/109 200 2750 - - ---- 1/1/1/1/0 0/0"
                ' "GET /i HTTP/1.1"'
            ),
            {
                "haproxy.server_name": "a1",
                "haproxy.connection_wait_time_ms": None,
                "haproxy.http.request.time_wait_ms": 10,
                "haproxy.connections.retries": 0,
                "url.path": "/i",
            },
        ),
        (
            "RUBY_LOGGER",
            "E, [2026-01-02T03:04:05.123456 #71] ERROR -- app: no",
            {"process.pid": 71, "log.level": "ERROR", "process.name": "app", "message": "no"},
        ),
        ("MCOLLECTIVE", "I, [2026-01-02T03:04:05 #71]  INFO: up", {"process.pid": 71, "log.level": "INFO"}),
        ("IPV6:a} %{WORD:b", "::ffff:192.0.2.7 x", {"a": "::ffff:192.0.2.7", "b": "x"}),
        ("IPV6:a", "from 2001:db8::7%eth0 on", {"a": "2001:db8::7%eth0 on"}),
        ("IP:a", "at 010.001.002.003", {"a": "010.001.002.003"}),
        ("TIME:a", "112:30:45", {"a": "12:30:45"}),
        ("LOGLEVEL:a", "02:03 INF up", {"a": "INF"}),
        ("UNIXPATH:a", "in /srv/\u00e9 x", {"a": "/srv/\u00e9"}),
    ],
)
def test_grok_knows_lines_of_logs(engine: Engine, pattern: str, line: str, found: dict[str, object]) -> None:
    answer = engine.query(f'ROW t = ? | GROK t "%{{{pattern}}}" | LIMIT 1', [line])
    row = dict(zip((name for name, _ in answer.columns), answer.values[0], strict=True))
    assert {name: row[name] for name in found} == found


@pytest.mark.parametrize("pattern", ["CISCOFW106100", "NAGIOSLOGLINE", "HTTPD24_ERRORLOG", "ZEEK_DNS", "BIND9"])
def test_grok_refuses_by_name_what_it_leaves_out_of_elastics_bank(engine: Engine, pattern: str) -> None:
    with pytest.raises(UnsupportedError, match=rf"unsupported GROK pattern \[{pattern}\]"):
        engine.query(f'ROW t = "x" | GROK t "%{{{pattern}}}"')


@pytest.mark.parametrize(
    ("query", "params", "row"),
    [
        ("ROW a = ?, b = ?", ["x", 2], ["x", 2]),
        ("ROW a = ?2, b = ?1", ["x", 2], [2, "x"]),
        ("ROW a = ?name", [{"name": "it's"}], ["it's"]),
        ("ROW a = ?list", {"list": ["x", "y"]}, [["x", "y"]]),
        (
            TRAIL + "WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend | KEEP user.name",
            [{"_tstart": "2026-01-02T00:00:00Z"}, {"_tend": "2026-01-05T00:00:00.000Z"}],
            ["bob"],
        ),
        (TRAIL + "WHERE ??field == ?v | KEEP user.name", [{"field": "action"}, {"v": "GetFunction"}], ["bob"]),
    ],
)
def test_parameters_are_values(engine: Engine, query: str, params: list[object], row: list[object]) -> None:
    assert [list(r) for r in engine.query(query, params).values] == [row]


def test_several_indices_are_read_as_one(engine: Engine) -> None:
    found = engine.query("FROM logs-* METADATA _index | STATS n = COUNT(*) BY _index | SORT n")
    assert [list(row) for row in found.values] == [[1, "logs-other"], [4, "logs-trail-default"]]


@pytest.mark.parametrize(
    ("query", "columns", "rows"),
    [
        # a field of two types can be converted, and is shown as null
        (
            'FROM logs-* | WHERE user.name != "bob" | EVAL r = TO_STRING(retries) | KEEP retries, r | SORT r',
            [("retries", "unsupported"), ("r", "keyword")],
            [[None, "1"], [None, "2"], [None, "many"], [None, None]],
        ),
        ("FROM logs-* | STATS s = SUM(retries::integer)", [("s", "long")], [[5]]),
        (
            "FROM logs-* | STATS n = COUNT(*) BY r = retries::string | SORT n DESC, r",
            [("n", "long"), ("r", "keyword")],
            [[2, "2"], [1, "1"], [1, "many"], [1, None]],
        ),
    ],
)
def test_a_field_of_several_types_is_converted(
    engine: Engine, query: str, columns: list[tuple[str, str]], rows: Rows
) -> None:
    found = engine.query(query)
    assert (list(found.columns), [list(row) for row in found.values]) == (columns, rows)


def test_dates_of_two_kinds_are_of_the_finer_one() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 6, UTC)
    whole = pa.table({"at": pa.array([moment], pa.timestamp("ms", "UTC"))})
    finer = pa.table({"at": pa.array([[moment, moment.replace(hour=4)]], pa.list_(pa.timestamp("ns", "UTC")))})
    catalog = Catalog([Index.of_table("x", {"at": "date"}, whole), Index.of_table("y", {"at": "date_nanos"}, finer)])
    made = Engine(catalog, lambda: moment)
    found = made.query("FROM x, y | EVAL n = TO_LONG(at), late = MV_MAX(at)")
    made.close()
    assert found.columns == (("at", "date_nanos"), ("n", "long"), ("late", "date_nanos"))
    assert [list(row) for row in found.values] == [
        ["2026-01-02T03:04:05.000Z", 1767323045000, "2026-01-02T03:04:05.000Z"],
        [
            ["2026-01-02T03:04:05.000006000Z", "2026-01-02T04:04:05.000006000Z"],
            [1767323045000006000, 1767326645000006000],
            "2026-01-02T04:04:05.000006000Z",
        ],
    ]


def test_an_excluded_index_is_not_read(engine: Engine) -> None:
    assert engine.query("FROM logs-*,-logs-other | STATS n = COUNT(*)").values == ((4,),)
