"""Links into Kibana's Discover: a hunt's query, or the event it found, at the time when it happened.

The state of Discover stands in the URL as rison: `_g` is the time, `_a` the query. Kibana fills `?_tstart` and
`?_tend` from its time picker by itself.
Source: Kibana's own links (src/platform/plugins/shared/discover, app_locator); https://github.com/Nanonid/rison.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from urllib.parse import quote

from bot.domain.columns import without_quotes
from bot.domain.finding import Finding
from bot.domain.hit import TIMESTAMP, Hit
from bot.domain.hunt import EVENT_ID_COLUMNS, Hunt, Window
from bot.domain.query_text import index_patterns

LONGEST_URL = 3_000  # https://docs.slack.dev/reference/block-kit/block-elements/button-element
NEAR = timedelta(minutes=15)  # around the event

_PLAIN_INDEX = re.compile(r"[\w.*:-]+")
_KNOWN_ACCOUNTS = re.compile(r"\?known_accounts\b")
_STRING = r'"""[\s\S]*?"""|"(?:\\.|[^"\\])*"'
_BLANKS = re.compile(rf"(?P<quoted>{_STRING})|(?:\s|//[^\n]*|/\*[\s\S]*?\*/)+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Opens(Enum):
    """What a link leads to."""

    QUERY = "the hunt's query"
    EVENT = "the event"  # the query is too long for a URL
    LOGS = "the logs of that time"  # it is, and the hunt's rows name no event


@dataclass(frozen=True, slots=True)
class KibanaLink:
    url: str
    opens: Opens


@dataclass(frozen=True, slots=True)
class Discover:
    """`base` is Kibana's address, with its base path and space where it has any: https://kibana.example/s/soc."""

    base: str
    known_accounts: str = ""

    def link(self, hunt: Hunt, finding: Finding) -> KibanaLink | None:
        """To the first that fits into a URL of Slack's: the query, the query without comments, the event, the logs.

        None where the hunt's query says no index.
        """
        face = finding.face
        start = face.at - (NEAR if face.text(TIMESTAMP) else hunt.window)  # a row without a time looked so far back
        for opens, query in self._queries(hunt, face):
            url = self._url(query, Window(start, face.at + NEAR))
            if len(url) <= LONGEST_URL:
                return KibanaLink(url, opens)
        return None

    def _queries(self, hunt: Hunt, face: Hit) -> Iterator[tuple[Opens, str]]:
        if not hunt.query:
            return
        query = _spliced(hunt.query, literal(self.known_accounts))
        yield Opens.QUERY, query
        yield Opens.QUERY, shortened(query)
        indices = ", ".join(map(_index, index_patterns(hunt.query)))
        if not indices:
            return
        event_id = next((text for name in EVENT_ID_COLUMNS if (text := face.text(name))), None)
        if event_id is not None:
            yield Opens.EVENT, f"FROM {indices} | WHERE event.id == {literal(event_id)} | LIMIT 10"
        yield Opens.LOGS, f"FROM {indices} | SORT @timestamp | LIMIT 1000"

    def _url(self, query: str, window: Window) -> str:
        start, end = (_rison(bound) for bound in window.parameters.values())
        time = f"(time:(from:{start},to:{end}))"
        state = f"(dataSource:(type:esql),query:(esql:{_rison(query)}))"
        return f"{self.base.rstrip('/')}/app/discover#/?_g={time}&_a={state}"


def literal(text: str) -> str:
    """A text as ES|QL writes it between double quotes."""
    return '"' + "".join(_ESCAPES.get(char, char) for char in text) + '"'


def shortened(query: str) -> str:
    """The same query without comments, and with one blank where there were many; what stands in quotes is kept."""
    return _BLANKS.sub(lambda found: found["quoted"] or " ", query).strip()


def _spliced(query: str, known_accounts: str) -> str:
    """The query with a value in the place of `?known_accounts`, which no time picker fills."""
    bare, spliced, end = without_quotes(query), "", 0
    for found in _KNOWN_ACCOUNTS.finditer(bare):
        spliced += query[end : found.start()] + known_accounts
        end = found.end()
    return spliced + query[end:]


def _rison(text: str) -> str:
    """A rison string, percent-encoded for a URL's fragment; its quotes and Kibana's own signs stay readable."""
    return "'" + quote(text.replace("!", "!!").replace("'", "!'"), safe="!*-._~") + "'"


def _index(name: str) -> str:
    return name if _PLAIN_INDEX.fullmatch(name) else f'"{name.replace(chr(34), "")}"'
