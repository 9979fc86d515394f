"""Files that are whole or absent: written aside, then renamed."""

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

ASIDE = ".aside-"
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""What a file system says that takes nothing more: it is full, a quota is used up, it is read-only."""

FULL = "make room there, and run the same command again: what is finished is kept, the rest goes on"
READ_ONLY = "name another folder, or run the same command again when this one can be written"


def write(path: Path, content: bytes) -> None:
    """Write a file so that no reader, and no crash, ever finds half of it. Raises OSError, and leaves
    nothing behind where the file system takes no more.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = aside_of(path)
    try:
        _put(content, aside)
        try:
            aside.replace(path)
        except FileNotFoundError:  # Who finished the same run elsewhere has tidied up.
            _put(content, aside)
            aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        error.filename = os.fspath(path)  # Not always told, and else that of the file aside.
        raise


def aside_of(path: Path) -> Path:
    """Where to write a file before it is renamed: nobody else's, on any of the hosts that share a folder."""
    return path.with_name(f"{ASIDE}{path.name}.{secrets.token_hex(8)}")


def _put(content: bytes, path: Path) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def no_room(error: BaseException) -> str:
    """What to tell where an error says that nothing more can be written; empty where it is another one."""
    if not isinstance(error, OSError) or error.errno not in NO_ROOM:
        return ""
    where = f"{error.filename}: " if isinstance(error.filename, str) else ""
    cure = READ_ONLY if error.errno == errno.EROFS else FULL
    return f"{where}cannot be written: {error.strerror}\n    {cure}"


def read(path: Path | str, most: int) -> bytes | None:
    """A file's content; None where it is larger than ``most`` bytes, or no file but a pipe or a device, to
    which a link may lead. Raises OSError.
    """
    # Without a buffer, and by its name as text: a tenth of the time that Path.open takes.
    with open(path, "rb", buffering=0, opener=_at_once) as file:
        about = os.fstat(file.fileno())
        # So many bytes, and not ``most``: as much memory would be taken, each time.
        return file.read(about.st_size) if stat.S_ISREG(about.st_mode) and about.st_size <= most else None


def _at_once(path: str, flags: int) -> int:
    """Opened without waiting, as one would for the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def remove_leftovers(folder: Path) -> None:
    """Remove what writers that died before the renaming have left."""
    for path in folder.glob(f"{ASIDE}*"):
        path.unlink(missing_ok=True)
