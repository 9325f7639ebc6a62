"""CloudTrail archives as the documents and columns Elasticsearch would hold."""
