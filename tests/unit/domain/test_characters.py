"""Which characters mislead a reader: the unseen, and letters that pose as those of another script."""

import pytest

from bot.domain.characters import is_hidden, named, posing


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("arn:aws:iam::111122223333:role/admin", ""),
        ("arn:aws:iam::111122223333:role/\u0430dmin", "\u0430"),  # a Cyrillic a in a Latin word
        (
            "arn:aws:iam::111122223333:role/\u0440\u043e\u0441\u0430",
            "\u0440\u043e\u0441\u0430",
        ),  # a word of look-alikes
        ("\u0440\u0430\u0443\u0440\u0430l", "\u0440\u0430\u0443\u0440\u0430"),  # five of six: they still pose
        ("\u0418\u0432a\u043d", "a"),  # a Latin a in a Cyrillic name
        ("\uff50ay", "\uff50"),  # fullwidth
        ("\U0001d429ay", "\U0001d429"),  # mathematical
        ("f\u03bfo", "\u03bf"),  # Greek omicron
        ("k\u0431", "\u0431"),  # of equals Latin stays
    ],
)
def test_letters_that_pose_are_found(text: str, marked: str) -> None:
    assert "".join(text[at] for at in sorted(posing(text))) == marked


@pytest.mark.parametrize(
    "text",
    [
        "Zoë’s 函数 🚀",
        "arn:aws:iam::111122223333:user/Иван",  # a Cyrillic name in an ARN is a name
        "user/Ольга.Роса",  # with an honest word of its script beside it, a word of look-alikes is one too
        "роса и сор",  # no Latin anywhere
        "日本語のテスト関数-test",
        "한국어 function",
        "Ａ社の関数",  # fullwidth letters among East Asian ones
        "Ελένη-Παππά",
        "שלום مرحبا",
        "नमस्ते",
        "5µs ½ № €",
        "naïve façade Łódź",
        "",
    ],
)
def test_names_that_are_plainly_of_another_script_are_not(text: str) -> None:
    assert posing(text) == frozenset()


@pytest.mark.parametrize(
    "char", ["\x00", "\n", "\u202e", "\u200b", "\u00a0", "\u3164", "\ufe0f", "\ud800", "\U000e0041"]
)
def test_what_can_not_be_seen_is_hidden(char: str) -> None:
    assert is_hidden(char)


@pytest.mark.parametrize("char", [" ", "a", "ж", "語", "🚀", "́"])
def test_what_can_be_seen_is_not(char: str) -> None:
    assert not is_hidden(char)


def test_letters_are_named_once_each_in_their_order() -> None:
    assert named("аbа\U000fffff") == [
        "U+0430 CYRILLIC SMALL LETTER A",
        "U+0062 LATIN SMALL LETTER B",
        "U+FFFFF without a name",
    ]
