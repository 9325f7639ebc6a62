"""Records to the fields, types and columns of Elastic's CloudTrail index."""
