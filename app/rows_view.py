"""An ES|QL answer as the terminal shows it: a table, Elasticsearch's JSON or CSV."""

import csv
import io
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from rich.table import Table
from rich.text import Text

from bot.blocks.text import LONG_CAP, literal
from bot.domain.rows import NUMBER_TYPES

Answer = Mapping[str, Any]


class RowsFormat(Enum):
    """How `huntbot esql` writes the answer."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def as_json(answer: Answer) -> str:
    """Elasticsearch's response, as it came."""
    return json.dumps(answer, ensure_ascii=False) + "\n"


def as_csv(answer: Answer) -> str:
    """A header of names, then the rows; multi-values as `[a, b]`, null as an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column["name"] for column in answer["columns"]])
    writer.writerows([_shown(cell) for cell in row] for row in answer["values"])
    return text.getvalue()


def table(answer: Answer) -> Table:
    drawn = Table()
    for column in answer["columns"]:
        header = Text.assemble(literal(column["name"]), "\n", (column["type"], "dim"))
        drawn.add_column(header, justify="right" if column["type"] in NUMBER_TYPES else "left", overflow="fold")
    for row in answer["values"]:
        drawn.add_row(*(Text(literal(_shown(cell), LONG_CAP)) for cell in row))
    return drawn


def _shown(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case list():
            return f"[{', '.join(map(_shown, cell))}]"
        case _:
            return str(cell)
