"""Which fields may hold several values agrees with the schema, and with what the mapping makes of events."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

import hunts
from local.cloudtrail import sample
from local.cloudtrail.ecs.columns import Columns
from local.cloudtrail.ecs.mapping import document
from local.cloudtrail.ecs.schema import FIELDS, FieldType
from local.cloudtrail.ecs.several import SEVERAL

CASES = Path(hunts.__file__).with_name("lambda_perms.cases.json")
MENTIONED = {
    "eventName": "CreateUser",
    "requestParameters": {"userName": "a"},
    "responseElements": {"user": {"userId": "b"}},
    "resources": [{"ARN": "arn:1", "accountId": "1", "type": "t"}, {"ARN": "arn:2", "accountId": "2", "type": "u"}],
}


def test_each_is_a_field_that_keeps_several_texts() -> None:
    assert FIELDS.keys() >= SEVERAL
    assert {FIELDS[name].type for name in SEVERAL} <= {FieldType.KEYWORD, FieldType.IP}


def test_no_other_field_of_any_event_we_have_holds_several() -> None:
    compact = json.loads(CASES.read_text(encoding="utf-8"))["cases"]
    records = [
        *sample.records(datetime(2026, 3, 8, tzinfo=UTC)),
        MENTIONED,
        *(r for c in compact for r in c["records"]),
    ]
    columns = Columns()
    columns.add(map(document, records))
    table = columns.table()
    several = {name for name in table.column_names if pa.types.is_list(table.schema.field(name).type)}
    assert {"related.user", "aws.cloudtrail.resources.arn", "event.type"} <= several <= SEVERAL
