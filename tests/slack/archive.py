"""The bundled CloudTrail behind a whole bot: the embedded Elasticsearch in the place of scripted answers."""

from dataclasses import dataclass, field

from elastic_transport import BaseAsyncNode

from local.cloudtrail import sample
from local.cloudtrail.record import Record
from local.elasticsearch.app import Elasticsearch, from_records
from local.elasticsearch.node import node_class
from tests.slack.house import Logs


@dataclass
class Archive(Logs):
    """Logs that hold the sample as it is at the clock's time, and what a test adds."""

    held: Elasticsearch = field(init=False)

    def __post_init__(self) -> None:
        self.held = from_records(sample.records(self.clock()), self.clock)

    def node_class(self) -> type[BaseAsyncNode]:
        return node_class(self.held)

    def add(self, *records: Record) -> None:
        self.held.add_records(list(records))
