"""Texts with `*` for anything, in any case: pieces looked for in order, no regex, which many stars make slow."""


def is_like(text: str, pattern: str) -> bool:
    """Whether the whole text is as the pattern says."""
    left, wanted = text.casefold(), pattern.casefold()
    head, star, rest = wanted.partition("*")
    if not star:
        return left == wanted
    *middle, tail = rest.split("*")
    if len(left) < len(head) + len(tail) or not (left.startswith(head) and left.endswith(tail)):
        return False
    place, end = len(head), len(left) - len(tail)
    for piece in middle:
        found = left.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


def is_anything(pattern: str) -> bool:
    """Whether there is no text that the pattern leaves out."""
    return bool(pattern) and not pattern.strip("*")
