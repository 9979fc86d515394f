"""Locks on files: the system frees them when their process ends, however, so that none is ever stale."""

import errno
import fcntl
import math
import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from suite.errors import UserError

BUSY = (errno.EAGAIN, errno.EACCES)
ALONE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""A file itself, without waiting for the other end of a pipe."""
PAUSE = 0.2
"""Seconds between two tries."""


def taken(file: IO[str]) -> bool:
    """Whether the lock of an open file is this process's now. A file system without locks gives it to all."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in BUSY
    return True


def _opened(path: Path) -> IO[str]:
    """The file, for all who may write in its folder: a group may share it, whatever one's umask says.
    UserError where something else has its name: the folder may be somebody else's, a link lead anywhere.
    """
    try:
        number = os.open(path, os.O_RDWR | os.O_CREAT | ALONE, 0o666)
    except PermissionError:
        # Another user's: most file systems lock what can be read, too.
        return os.fdopen(os.open(path, os.O_RDONLY | ALONE))
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR):
            raise _no_lock(path) from None
        raise
    about = os.fstat(number)
    if not stat.S_ISREG(about.st_mode) or about.st_size or about.st_nlink != 1:
        os.close(number)
        raise _no_lock(path)
    with suppress(OSError):
        os.fchmod(number, 0o666)
    return os.fdopen(number, "r+")


def _no_lock(path: Path) -> UserError:
    return UserError(f"{path}: is no lock, which is an empty file\n    remove it; the suite makes it again")


class Lock:
    """The lock of a file, tried for once when it is entered."""

    def __init__(self, path: Path) -> None:
        self.path, self.is_held = path, False

    def __enter__(self) -> Self:
        """Raises OSError where the file cannot be made."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = _opened(self.path)
        self.is_held = taken(self._file)
        return self

    def wait(self, seconds: float = math.inf) -> None:
        """Until it is this process's, or so many seconds are over."""
        end = time.monotonic() + seconds
        while not self.is_held and time.monotonic() < end:
            time.sleep(PAUSE)
            self.is_held = taken(self._file)

    def __exit__(self, *_: object) -> None:
        """Free it."""
        self._file.close()
