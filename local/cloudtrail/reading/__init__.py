"""Files of any kind to records, by content alone: the general way, which reads whatever somebody may have kept."""
