"""Folders that users name."""

from pathlib import Path

from suite.errors import UserError


def real(folder: Path) -> Path:
    """A folder without ``~`` and links. UserError where these lead nowhere."""
    try:
        return folder.expanduser().resolve()
    except (RuntimeError, OSError) as error:  # Path's, of a home that is unknown and of links in a circle.
        raise UserError(f"{folder}: {error}\n    name another folder") from None
