"""One hunt file, read as the bot reads a folder of them."""

from pathlib import Path

from bot.adapters.hunt_files import HuntFile, IsWord, no_words, read_files


def load_file(path: Path, is_word: IsWord = no_words) -> HuntFile:
    """One hunt file.

    Raises:
        HuntFileError: the first fault, with its line where it has one.
    """
    [*files], [*faults] = read_files([path], is_word)
    for fault in faults:
        raise fault
    return files[0]
