"""Rison, read by its grammar (https://github.com/Nanonid/rison): what Kibana makes of the state in a URL."""

from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import unquote

Rison: TypeAlias = "dict[str, Rison] | list[Rison] | str | bool | int | float | None"

_ATOMS: dict[str, Rison] = {"t": True, "f": False, "n": None}
_NOT_IN_IDS = frozenset(" '!:(),*@$")


def state_of(url: str) -> dict[str, Rison]:
    """The parameters in a URL's fragment, each read whole."""
    query = url.partition("#/?")[2]
    return {name: read(unquote(value)) for name, _, value in (part.partition("=") for part in query.split("&"))}


def read(text: str) -> Rison:
    """One value and nothing behind it. Raises ValueError."""
    reader = _Reader(text)
    value = reader.value()
    if reader.at != len(text):
        raise ValueError(f"{text[reader.at :]!r} stands behind the value")
    return value


@dataclass
class _Reader:
    text: str
    at: int = 0

    def value(self) -> Rison:
        match self._next():
            case "(":
                return self._object()
            case "'":
                return self._string()
            case "!":
                sign = self._next()
                return self._array() if sign == "(" else _ATOMS[sign]
            case first:
                self.at -= 1
                return _number(self._id()) if first.isdigit() or first == "-" else self._id()

    def _object(self) -> dict[str, Rison]:
        read: dict[str, Rison] = {}
        while not self._takes(")"):
            if read:
                self._expect(",")
            name = self._string() if self._takes("'") else self._id()
            self._expect(":")
            read[name] = self.value()
        return read

    def _array(self) -> list[Rison]:
        read: list[Rison] = []
        while not self._takes(")"):
            if read:
                self._expect(",")
            read.append(self.value())
        return read

    def _string(self) -> str:
        read = ""
        while (char := self._next()) != "'":
            read += self._escaped() if char == "!" else char
        return read

    def _escaped(self) -> str:
        char = self._next()
        if char not in "!'":
            raise ValueError(f"!{char} is no escape")
        return char

    def _id(self) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in _NOT_IN_IDS:
            self.at += 1
        if start == self.at:
            raise ValueError(f"nothing can be read at {self.text[start:]!r}")
        return self.text[start : self.at]

    def _next(self) -> str:
        if self.at >= len(self.text):
            raise ValueError("it ends in the middle")
        self.at += 1
        return self.text[self.at - 1]

    def _takes(self, char: str) -> bool:
        if self.text.startswith(char, self.at):
            self.at += 1
            return True
        return False

    def _expect(self, char: str) -> None:
        if not self._takes(char):
            raise ValueError(f"{char} is missing before {self.text[self.at :]!r}")


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)
