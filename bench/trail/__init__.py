"""An archive as an invented company's trail leaves it in a bucket: the same bytes each time it is told."""
