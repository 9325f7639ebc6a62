"""The ids that people say."""

import pytest

from bot.domain.finding import UNSAVED, FindingId, read_ref, ref
from bot.errors import UnknownFinding


@pytest.mark.parametrize("text", ["F-42", "f-42", "F42", " 42 ", "f42"])
def test_an_id_is_read_as_people_write_it(text: str) -> None:
    assert read_ref(text) == FindingId(42)


@pytest.mark.parametrize("text", ["", "F-", "42a", "F--42", "-42", "F-4.2", "٤٢", "9" * 16])
def test_what_is_no_id_is_refused_by_name(text: str) -> None:
    with pytest.raises(UnknownFinding) as refusal:
        read_ref(text)
    assert refusal.value.ref == text


def test_an_id_is_shown_as_people_say_it() -> None:
    assert (ref(FindingId(7)), ref(UNSAVED)) == ("F-7", "F-new")
