"""How a report is made again."""

from typing import NamedTuple


class Again(NamedTuple):
    """What the page tells its reader to type."""

    command: str
    """That makes all of it."""
    folders: tuple[str, ...] = ()
    """The words that a command on a part of it needs, to be in the same folders."""
