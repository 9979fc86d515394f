"""Files that are whole or absent: written aside, then renamed."""

import os
from pathlib import Path

ASIDE = ".aside-"


def write(path: Path, content: bytes) -> None:
    """Write a file so that no reader, and no crash, ever finds half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{ASIDE}{path.name}.{os.getpid()}")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def remove_leftovers(folder: Path) -> None:
    """Remove what writers that died before the renaming have left."""
    for path in folder.glob(f"{ASIDE}*"):
        path.unlink(missing_ok=True)
