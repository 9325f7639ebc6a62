"""The bundled CloudTrail behind a whole bot: the embedded Elasticsearch in the place of scripted answers."""

from dataclasses import dataclass, field
from typing import Any

import elastic_transport
from elastic_transport import BaseAsyncNode, NodeConfig

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
        logs, embedded = self, node_class(self.held)

        class Archived(BaseAsyncNode):
            """The embedded one, while it can be reached."""

            def __init__(self, config: NodeConfig) -> None:
                super().__init__(config)
                self._inner = embedded(config)

            async def perform_request(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
                if logs.is_down:
                    raise elastic_transport.ConnectionError("connection refused")
                return await self._inner.perform_request(*args, **kwargs)

            async def close(self) -> None:  # type: ignore[override]
                await self._inner.close()

        return Archived

    def add(self, *records: Record) -> None:
        self.held.add_records(list(records))
