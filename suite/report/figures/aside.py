"""Figures that a report does not show: out of sight beside its own, until a report wants them again.

What a folder shows is then as new as its page, and nothing that still stands has to be drawn twice.
"""

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final

SUFFIXES: Final = (".png", ".pdf")
"""Of the two files of a figure."""
ASIDE: Final = ".others"
"""Below the folder of figures."""


def put_aside(folder: Path, shown: Collection[Path]) -> None:
    """Leave in a folder no pictures but those that are shown."""
    names = {path.name for path in shown}
    for path in sorted(folder.glob("*.*")):
        if path.suffix in SUFFIXES and path.name not in names:
            (folder / ASIDE).mkdir(exist_ok=True)
            path.replace(folder / ASIDE / path.name)


def bring_back(wanted: Collection[Path]) -> None:
    """Put pictures that are wanted, and were put aside, back into their folder."""
    for path in wanted:
        if not path.exists():
            with suppress(FileNotFoundError):
                (path.parent / ASIDE / path.name).replace(path)
