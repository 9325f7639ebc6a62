"""What the parts of a copy have as columns."""

from __future__ import annotations

from collections.abc import Mapping

from local.cloudtrail.ecs.schema import FIELDS
from local.esql.types import OF_MAPPING, Type

FILE = "#file"
RECORD = "#record"
PLACES = (FILE, RECORD)
MANY = frozenset(
    {
        "aws.cloudtrail.resources.account_id",
        "aws.cloudtrail.resources.arn",
        "aws.cloudtrail.resources.type",
        "event.category",
        "event.type",
        "related.user",
    }
)
"""The fields that the mapping gives several values to: lists from the first part on, so that none is made again."""

HARDLY_TWICE = frozenset(
    {
        "aws.cloudtrail.additional_eventdata",
        "aws.cloudtrail.request_id",
        "aws.cloudtrail.request_parameters",
        "aws.cloudtrail.response_elements",
        "aws.cloudtrail.service_event_details",
        "aws.cloudtrail.shared_event_id",
        "aws.cloudtrail.user_identity.access_key_id",
        "event.id",
        RECORD,
    }
)
"""The columns with another value in nearly every row, in no order: no dictionary is smaller, and no range tells."""

READABLE: Mapping[str, Type] = {
    name: OF_MAPPING[spec.type.value] for name, spec in FIELDS.items() if spec.type.value in OF_MAPPING
}
"""The columns of every part: the fields that ES|QL reads, with their types."""

TWINS: Mapping[str, str] = {name: spec.text_of for name, spec in FIELDS.items() if spec.text_of is not None}
"""A text field and the keyword field it analyses: the text is kept only where the keyword lost some of it."""


def alike(lists: frozenset[str]) -> frozenset[str]:
    """A text is a list where its keyword is one, and the other way round."""
    pairs = (pair for pair in TWINS.items() if not lists.isdisjoint(pair))
    return lists.union(*pairs)
