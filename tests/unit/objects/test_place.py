"""What an s3:// URL names."""

import pytest

from local.objects.place import Place, PlaceError, is_url, place_of


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("s3://trail", Place("trail", "")),
        ("s3://trail/", Place("trail", "")),
        ("S3://trail/AWSLogs/", Place("trail", "AWSLogs")),
        ("s3://trail/a b/ü%41+.json", Place("trail", "a b/ü%41+.json")),
        ("s3://my.old_Bucket/x", Place("my.old_Bucket", "x")),
    ],
)
def test_a_url_names_a_bucket_and_what_keys_begin_with(url: str, place: Place) -> None:
    assert is_url(url)
    assert place_of(url) == place


@pytest.mark.parametrize(
    "url", ["s3://", "s3:///AWSLogs", "s3://a?b/", "s3://trail/a//b", "s3://trail/../b", "s3://u:p@h/x"]
)
def test_what_names_nothing_says_so(url: str) -> None:
    with pytest.raises(PlaceError):
        place_of(url)


@pytest.mark.parametrize("text", ["logs", "/s3://x", "s3:/x", "https://trail.s3.amazonaws.com/", ""])
def test_anything_else_is_a_path(text: str) -> None:
    assert not is_url(text)
