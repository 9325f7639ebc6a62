"""The function table: one row a function, found by any of its names, without regard to case."""

from functools import cache

from local.esql.functions import aggregates, conversions, dates, logic, multivalues, numbers, strings
from local.esql.functions.model import Aggregate, Function

# Functions of Elasticsearch that this engine does not have: refused by name, not as a misspelling.
UNSUPPORTED = frozenset(
    [
        "absent_over_time",
        "avg_over_time",
        "bucket_of",
        "categorize",
        "chunk",
        "clamp",
        "clamp_max",
        "clamp_min",
        "copy_sign",
        "count_distinct_over_time",
        "count_over_time",
        "date_unit_count",
        "decay",
        "delta",
        "deriv",
        "earliest",
        "embedding",
        "field_extract",
        "first",
        "first_over_time",
        "highlight",
        "idelta",
        "increase",
        "ip_prefix",
        "irate",
        "json_extract",
        "knn",
        "kql",
        "last",
        "last_over_time",
        "latest",
        "magnitude",
        "match",
        "match_phrase",
        "max_over_time",
        "median_over_time",
        "min_over_time",
        "multi_match",
        "mv_difference",
        "mv_intersection",
        "mv_pseries_weighted_sum",
        "mv_union",
        "network_direction",
        "percentile_over_time",
        "present_over_time",
        "qstr",
        "rate",
        "roundto",
        "round_to",
        "sample",
        "scalb",
        "score",
        "sparkline",
        "st_centroid_agg",
        "st_contains",
        "st_disjoint",
        "st_distance",
        "st_envelope",
        "st_extent_agg",
        "st_geohash",
        "st_geohex",
        "st_geotile",
        "st_intersects",
        "st_within",
        "st_x",
        "st_xmax",
        "st_xmin",
        "st_y",
        "st_ymax",
        "st_ymin",
        "std_dev_over_time",
        "sum_over_time",
        "tbucket",
        "term",
        "text_embedding",
        "to_aggregate_metric_double",
        "to_cartesianpoint",
        "to_cartesianshape",
        "to_date_range",
        "to_dense_vector",
        "to_geohash",
        "to_geohex",
        "to_geopoint",
        "to_geoshape",
        "to_geotile",
        "top_snippets",
        "trange",
        "v_cosine",
        "v_dot_product",
        "v_hamming",
        "v_l1_norm",
        "v_l2_norm",
        "v_magnitude",
        "values_over_time",
        "variance_over_time",
        "weighted_avg",
    ]
)


@cache
def scalars() -> dict[str, Function]:
    rooms = (strings, numbers, dates, conversions, multivalues, logic)
    return {name: row for room in rooms for row in room.FUNCTIONS for name in (row.name, *row.aliases)}


@cache
def measures() -> dict[str, Aggregate]:
    return {row.name: row for row in aggregates.AGGREGATES}
