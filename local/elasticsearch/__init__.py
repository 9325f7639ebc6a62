"""An Elasticsearch that lives in this process: the part of its API a hunt needs, over the embedded engine."""
