"""Characters that mislead a reader: those that cannot be seen, and letters that pose as those of another script.

The mixed-script rule is Unicode's "highly restrictive" level, held against each word alone, so that a Cyrillic name
beside Latin ones is nothing odd; what looks alike comes from its confusables.
Sources: https://www.unicode.org/reports/tr39/ (5.1 mixed-script detection, 5.2 restriction levels, 4 confusables).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

# Control, format (bidi, zero width, tags), surrogate, private, unassigned; line, paragraph and odd spaces.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
# Drawn as nothing though their category says letter, mark or symbol: fillers, joiners, variation selectors.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))

_LATIN = "LATIN"
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "HANGUL", "IDEOGRAPHIC"})
# The first word of a letter's Unicode name is its script; those that begin otherwise belong to no script of their own
# (MICRO SIGN) or pose as Latin (FULLWIDTH, MATHEMATICAL).
_SCRIPTS = _EAST_ASIAN | frozenset(
    {
        *("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "HEBREW", "ARABIC", "SYRIAC", "THAANA", "DEVANAGARI", "BENGALI"),
        *("GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "THAI", "LAO"),
        *("TIBETAN", "MYANMAR", "GEORGIAN", "ETHIOPIC", "CHEROKEE", "CANADIAN", "OGHAM", "RUNIC", "KHMER"),
        *("MONGOLIAN", "COPTIC", "GLAGOLITIC", "GOTHIC", "LISU", "DESERET", "OSAGE", "FULLWIDTH", "MATHEMATICAL"),
    }
)
# Letters of other scripts that are drawn as Latin ones are.
_LATIN_LOOK_ALIKES = frozenset(
    "аеорсухіјѕһԁԛԝӏѵүАВЕЅІЈКМНОРСТХҮԌԚԜѴӀ"  # Cyrillic
    "οονΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳϹ"  # Greek
    "օսոհցքզԼՕՏՍ"  # Armenian
    "ᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ"  # Cherokee
)

_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


@lru_cache(maxsize=4096)
def is_hidden(char: str) -> bool:
    """Whether a person sees nothing of it, or a blank that is not the space."""
    if char == " ":
        return False
    return (
        unicodedata.category(char) in _HIDDEN_CATEGORIES
        or char in _BLANKS
        or any(ord(char) in selectors for selectors in _VARIATION_SELECTORS)
    )


def posing(text: str) -> frozenset[int]:
    """Where letters stand that pose as another script's: in words of mixed scripts, those of the lesser script.

    A whole word of look-alikes poses too, where the text is Latin otherwise and holds no honest word of its script.
    """
    return frozenset() if text.isascii() else _posing(text)


def _posing(text: str) -> frozenset[int]:
    words = [(match.start(), match[0], _scripts(match[0])) for match in _WORD.finditer(text)]
    has_latin = any(_LATIN in scripts for _, _, scripts in words)
    honest = {script for _, word, scripts in words for script in scripts if not _looks_latin(word)}
    odd: set[int] = set()
    for start, word, scripts in words:
        if _is_mixed(scripts):
            main = _main_script(word)
            odd |= {start + at for at, char in enumerate(word) if script_of(char) not in {None, main}}
        elif has_latin and scripts and _LATIN not in scripts and _looks_latin(word) and not scripts & honest:
            odd |= set(range(start, start + len(word)))
    return frozenset(odd)


@lru_cache(maxsize=4096)
def script_of(char: str) -> str | None:
    """The script of a letter, as its name begins; None for what every script shares."""
    first = unicodedata.name(char, "").split(" ", 1)[0]
    return first if first in _SCRIPTS else None


def _scripts(word: str) -> frozenset[str]:
    return frozenset(script for char in word if (script := script_of(char)) is not None)


def _is_mixed(scripts: frozenset[str]) -> bool:
    """East Asian names mix their scripts, and Latin letters with them, as a matter of course."""
    return len(scripts) > 1 and not scripts <= _EAST_ASIAN | {_LATIN} and not scripts <= _EAST_ASIAN | {"FULLWIDTH"}


def _main_script(word: str) -> str | None:
    """Latin where all the rest looks like it; else the one with the most letters, of equals Latin, else the first."""
    others = [char for char in word if script_of(char) not in {None, _LATIN}]
    if len(others) < len(word) and all(char in _LATIN_LOOK_ALIKES for char in others):
        return _LATIN
    count = Counter(script for char in word if (script := script_of(char)) is not None)
    return max(count, key=lambda script: (count[script], script == _LATIN), default=None)


def _looks_latin(word: str) -> bool:
    letters: Iterable[str] = (char for char in word if script_of(char) is not None)
    return all(char in _LATIN_LOOK_ALIKES for char in letters)


def named(chars: Iterable[str]) -> Sequence[str]:
    """`U+0430 CYRILLIC SMALL LETTER A`, each once, in their order."""
    return list(dict.fromkeys(_named(chars)))


def _named(chars: Iterable[str]) -> Iterator[str]:
    return (f"U+{ord(char):04X} {unicodedata.name(char, 'without a name')}" for char in chars)
