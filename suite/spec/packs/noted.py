"""Faults of packs without which a command goes on: each is told once, when it ends."""

from collections.abc import Mapping
from typing import Final

_NOTED: Final[dict[str, str]] = {}


def note(about: str, text: str) -> None:
    """Keep what is to be told of a fault, unless there is something about the same already."""
    _NOTED.setdefault(about, text)


def noted() -> Mapping[str, str]:
    """What there is to tell, by what it is about."""
    return dict(_NOTED)


def taken() -> Mapping[str, str]:
    """The same, which then need not be told by anyone else."""
    found = noted()
    _NOTED.clear()
    return found
