"""The function table: one row a function, found by any of its names, without regard to case."""

from functools import cache

from local.esql.functions import (
    aggregates,
    conversions,
    dates,
    ips,
    json_extract,
    logic,
    multivalues,
    numbers,
    strings,
)
from local.esql.functions.model import Aggregate, Function

# Functions of Elasticsearch that this engine does not have: refused by name, not as a misspelling.
UNSUPPORTED = frozenset(
    [
        "absent_over_time",
        "all_first",
        "all_last",
        "ascii",
        "avg_over_time",
        "bucket_of",
        "categorize",
        "chunk",
        "count_distinct_over_time",
        "count_over_time",
        "date_unit_count",
        "day",
        "days_in_month",
        "decay",
        "delay",
        "delta",
        "deriv",
        "embed_text",
        "embedding",
        "extract_snippets",
        "field_extract",
        "first_over_time",
        "highlight",
        "histogram_percentile",
        "hour",
        "idelta",
        "in_range",
        "increase",
        "irate",
        "knn",
        "kql",
        "last_over_time",
        "magnitude",
        "match",
        "match_phrase",
        "max_over_time",
        "median_over_time",
        "min_over_time",
        "mmr",
        "month",
        "multi_match",
        "mv_contains_all",
        "mv_in_range",
        "mv_like",
        "mv_rlike",
        "numeric_range",
        "percentile_over_time",
        "present_over_time",
        "qstr",
        "range_contains",
        "range_intersects",
        "range_max",
        "range_min",
        "range_within",
        "rate",
        "score",
        "sparkline",
        "std_dev_over_time",
        "stddev",
        "stddev_over_time",
        "stdvar_over_time",
        "sum_over_time",
        "tbucket",
        "term",
        "text_embedding",
        "to_aggregate_metric_double",
        "to_ascii",
        "to_cartesianpoint",
        "to_cartesianshape",
        "to_counter",
        "to_date_range",
        "to_dense_vector",
        "to_double_range",
        "to_exponential_histogram",
        "to_gauge",
        "to_geohash",
        "to_geohex",
        "to_geopoint",
        "to_geoshape",
        "to_geotile",
        "to_range",
        "to_tdigest",
        "to_text",
        "top_snippets",
        "tstep",
        "values_over_time",
        "variance_over_time",
        "without",
        "year",
    ]
)


@cache
def scalars() -> dict[str, Function]:
    rooms = (strings, numbers, dates, conversions, multivalues, logic, ips, json_extract)
    return {name: row for room in rooms for row in room.FUNCTIONS for name in (row.name, *row.aliases)}


@cache
def measures() -> dict[str, Aggregate]:
    return {name: row for row in aggregates.AGGREGATES for name in (row.name, *row.aliases)}
