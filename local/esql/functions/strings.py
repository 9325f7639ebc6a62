"""String functions."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Sequence
from urllib.parse import quote, quote_plus, unquote_plus

from local.esql.functions.model import Function, Many, Python, Site
from local.esql.functions.parameters import INTEGER, STRING, optional, repeated
from local.esql.pieces import sql_likes_of_re2
from local.esql.replacing import re2_of, replaced
from local.esql.types import Type

KEYWORD = Type.KEYWORD
# Character.isWhitespace of Java: what TRIM removes.
BLANKS = (
    "\t\n\x0b\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2008\u2009\u200a\u2028\u2029\u205f\u3000"
)

LARGEST_BYTES = 2**20  # of a text that is made here (`ScalarFunction.MAX_BYTES_REF_RESULT_SIZE`)
_BROKEN_ESCAPE = re.compile("%(?![0-9a-fA-F]{2})")
_ILLEGAL = "java.lang.IllegalArgumentException"

# Names of Java's MessageDigest, as hashlib calls them.
_ALGORITHMS = {
    "MD5": "md5",
    "SHA": "sha1",
    **dict.fromkeys(("SHA-1", "SHA1"), "sha1"),
    **{f"SHA{dash}{size}": f"sha{size}" for size in (224, 256, 384, 512) for dash in ("", "-")},
    **{f"SHA-512/{size}": f"sha512_{size}" for size in (224, 256)},
    **{f"SHA3-{size}": f"sha3_{size}" for size in (224, 256, 384, 512)},
}


def _replace(site: Site) -> str:
    """DuckDB's RE2 where pattern and replacement are constants that it understands, else Python with a time limit."""
    pattern, replacement = site.constant(1), site.constant(2)
    if isinstance(pattern, str) and isinstance(replacement, str):
        translated = re2_of(pattern, replacement)
        if translated is not None:
            return f"regexp_replace({site.sql[0]}, {site.bind(translated[0])}, {site.bind(translated[1])}, 'g')"
    return f"es_replace({site.sql[0]}, {site.sql[1]}, {site.sql[2]})"


def _substring(site: Site) -> str:
    """Positions count from 1, from the end when negative; 0 is 1 (`Substring.process`)."""
    text, start = site.sql[0], site.sql[1]
    from_end = f"greatest(1, length({text}) + {start} + 1)"
    first = f"CASE WHEN {start} > 0 THEN {start} WHEN {start} < 0 THEN {from_end} ELSE 1 END"
    if not site.has(2):
        return f"substring({text}, {first})"
    return f"CASE WHEN {site.sql[2]} >= 0 THEN substring({text}, {first}, {site.sql[2]}) END"


def _locate(site: Site) -> str:
    text, wanted = site.sql[0], site.sql[1]
    if not site.has(2):
        return f"instr({text}, {wanted})::INTEGER"
    start = f"greatest({site.sql[2]}, 1)"
    found = f"instr(substring({text}, {start}), {wanted})"
    return f"CASE WHEN {found} = 0 THEN 0 ELSE ({found} + {start} - 1)::INTEGER END"


def _trimmed(function: str) -> Callable[[Site], str]:
    return lambda site: f"{function}({site.sql[0]}, {site.bind(BLANKS)})"


def _concat(site: Site) -> str:
    """Too long a text is an error of the whole query, as in Elasticsearch."""
    joined = " || ".join(site.sql)
    message = f"concatenating more than [{LARGEST_BYTES}] bytes is not supported"
    checked = f"CASE WHEN strlen(t) > {LARGEST_BYTES} THEN error('{message}') ELSE t END"
    return f"list_transform([{joined}], lambda t: {checked})[1]"


def _repeated(text: str, count: str) -> str:
    fits = f"{count} >= 0 AND strlen({text}) * {count}::BIGINT <= {LARGEST_BYTES}"
    return f"CASE WHEN {fits} THEN repeat({text}, {count}) END"


def _too_long(text: str, negative: str) -> Callable[[Site], str]:
    """Why a text cannot be repeated so often; where that differs from row to row it is the sign of the count."""

    def failure(site: Site) -> str:
        count = site.constant(len(site.sql) - 1)
        return f"{_ILLEGAL}: {text if isinstance(count, int) and count >= 0 else negative}"

    return failure


def _hash(algorithm: str, text: str) -> str | None:
    name = _ALGORITHMS.get(algorithm.upper())
    return hashlib.new(name, text.encode()).hexdigest() if name else None


def _algorithm_objection(constants: Sequence[object]) -> str | None:
    name = constants[0]
    if not isinstance(name, str) or name.upper() in _ALGORITHMS:
        return None
    return f"invalid algorithm for [{{whole}}]: {name} MessageDigest not available"


def _delimiter_objection(constants: Sequence[object]) -> str | None:
    delimiter = constants[1]
    if not isinstance(delimiter, str) or len(delimiter.encode()) == 1:
        return None
    return "delimiter must be single byte for now"


def _url_decode(text: str) -> str | None:
    return None if _BROKEN_ESCAPE.search(text) else unquote_plus(text)


def _from_base64(text: str) -> str | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None


def _java_url_encode(text: str) -> str:
    return quote_plus(text, safe="*-._").replace("~", "%7E")


def _like(site: Site) -> str:
    likes = sql_likes_of_re2(str(site.constant(1)))
    if likes is None:
        return f"regexp_full_match({site.sql[0]}, {site.sql[1]}, 's')"
    return "(" + " OR ".join(f"{site.sql[0]} LIKE {site.bind(like)}{_escape(like)}" for like in likes) + ")"


def _escape(like: str) -> str:
    """Only where something is escaped: DuckDB makes more of a plain LIKE."""
    return " ESCAPE '\\'" if "\\" in like else ""


def _cased(function: str) -> Callable[[Site], str]:
    """DuckDB knows no letter whose other case is two letters, as that of `ß`."""
    return lambda site: (
        f"CASE WHEN strlen({site.sql[0]}) = length({site.sql[0]}) THEN {function}({site.sql[0]})"
        f" ELSE es_{function}({site.sql[0]}) END"
    )


def _in_python(name: str, arity: int, call: Callable[..., object]) -> tuple[Python, ...]:
    return (Python(f"es_{name}", ("VARCHAR",) * arity, "VARCHAR", call),)


FUNCTIONS = (
    Function("concat", (STRING, STRING, repeated(STRING)), KEYWORD, _concat),
    Function("length", (STRING,), Type.INTEGER, "length({0})::INTEGER"),
    Function("byte_length", (STRING,), Type.INTEGER, "strlen({0})::INTEGER"),
    Function("bit_length", (STRING,), Type.INTEGER, "(strlen({0}) * 8)::INTEGER"),
    Function(
        "substring",
        (STRING, INTEGER, optional(INTEGER)),
        KEYWORD,
        _substring,
        failure="java.lang.IllegalArgumentException: Length parameter cannot be negative",
    ),
    Function("left", (STRING, INTEGER), KEYWORD, "left({0}, greatest({1}, 0))"),
    Function("right", (STRING, INTEGER), KEYWORD, "right({0}, greatest({1}, 0))"),
    Function("locate", (STRING, STRING, optional(INTEGER)), Type.INTEGER, _locate),
    Function(
        "replace",
        (STRING, STRING, STRING),
        KEYWORD,
        _replace,
        failure="java.util.regex.PatternSyntaxException: the pattern is invalid or takes too long",
        python=_in_python("replace", 3, replaced),
    ),
    Function(
        "split", (STRING, STRING), KEYWORD, "string_split({0}, {1})", Many.ALWAYS, objection=_delimiter_objection
    ),
    Function("trim", (STRING,), KEYWORD, _trimmed("trim")),
    Function("ltrim", (STRING,), KEYWORD, _trimmed("ltrim")),
    Function("rtrim", (STRING,), KEYWORD, _trimmed("rtrim")),
    Function("to_lower", (STRING,), KEYWORD, _cased("lower"), Many.EACH, python=_in_python("lower", 1, str.lower)),
    Function("to_upper", (STRING,), KEYWORD, _cased("upper"), Many.EACH, python=_in_python("upper", 1, str.upper)),
    Function("starts_with", (STRING, STRING), Type.BOOLEAN, "starts_with({0}, {1})"),
    Function("ends_with", (STRING, STRING), Type.BOOLEAN, "ends_with({0}, {1})"),
    Function("contains", (STRING, STRING), Type.BOOLEAN, "contains({0}, {1})"),
    Function("reverse", (STRING,), KEYWORD, "reverse({0})"),
    Function(
        "repeat",
        (STRING, INTEGER),
        KEYWORD,
        _repeated("{0}", "{1}"),
        failure=_too_long(
            f"Creating repeated strings with more than [{LARGEST_BYTES}] bytes is not supported",
            "Number parameter cannot be negative, found [{1}]",
        ),
    ),
    Function(
        "space",
        (INTEGER,),
        KEYWORD,
        _repeated("' '", "{0}"),
        failure=_too_long(
            f"Creating strings longer than [{LARGEST_BYTES}] bytes is not supported",
            "Number parameter cannot be negative, found [{0}]",
        ),
    ),
    Function("to_base64", (STRING,), KEYWORD, "to_base64(encode({0}))"),
    Function(
        "from_base64",
        (STRING,),
        KEYWORD,
        "es_from_base64({0})",
        failure="java.lang.IllegalArgumentException: Illegal base64 character",
        python=_in_python("from_base64", 1, _from_base64),
    ),
    Function("md5", (STRING,), KEYWORD, "md5({0})"),
    Function("sha1", (STRING,), KEYWORD, "sha1({0})"),
    Function("sha256", (STRING,), KEYWORD, "sha256({0})"),
    Function(
        "hash",
        (STRING, STRING),
        KEYWORD,
        "es_hash({0}, {1})",
        failure="java.security.NoSuchAlgorithmException: {0} MessageDigest not available",
        python=_in_python("hash", 2, _hash),
        objection=_algorithm_objection,
    ),
    Function(
        "url_encode", (STRING,), KEYWORD, "es_url_encode({0})", python=_in_python("url_encode", 1, _java_url_encode)
    ),
    Function(
        "url_encode_component",
        (STRING,),
        KEYWORD,
        "es_url_encode_component({0})",
        python=_in_python("url_encode_component", 1, lambda text: quote(text, safe="-._~")),
    ),
    Function(
        "url_decode",
        (STRING,),
        KEYWORD,
        "es_url_decode({0})",
        failure=f"{_ILLEGAL}: URLDecoder: Illegal hex characters in escape (%) pattern",
        python=_in_python("url_decode", 1, _url_decode),
    ),
    # LIKE and RLIKE, their patterns already one regular expression for RE2.
    Function("like", (STRING, STRING), Type.BOOLEAN, _like),
)
