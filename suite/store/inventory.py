"""The versions of the code of which a folder has results: what they take, and how to be rid of one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from suite.errors import UserError
from suite.store.lock import Lock
from suite.store.store import RunFolder, is_alive, read_record
from suite.store.version_names import apart


class Version(NamedTuple):
    """Results of one version of the code."""

    name: str
    """Its fingerprint, and those of the packs that its runs use."""
    runs: int
    bytes: int
    commit: str
    """That the newest record tells of; empty where none does."""
    uncommitted: bool
    """Whether that record is of a changed checkout of the commit."""
    ended: str
    """The day that it was written; empty where there is none."""


def versions(root: Path) -> list[Version]:
    """All of a folder of results, the newest last."""
    return sorted(map(_version, _folders(root)), key=lambda each: (each.ended, each.name))


def remove(root: Path, name: str) -> None:
    """Remove the results of one version. UserError where there are none, or its runs are being trained."""
    there = {folder.name: folder for folder in _folders(root)}
    if name not in there:
        known = ", ".join(there) or "none"
        raise UserError(f"{root.as_posix()}: no results of version {name!r}\n    there are: {known}")
    with Lock(lock_of(root, name)) as lock:
        if not lock.is_held or any(map(_is_trained, runs_in(there[name]))):
            raise UserError(f"version {name}: its runs are being trained\n    stop them first, or wait")
        shutil.rmtree(there[name])


def lock_of(root: Path, name: str) -> Path:
    """The file that whoever trains runs of a version on this machine holds the lock of."""
    return root / "runs" / f".{apart(name)[0]}.lock"


def _folders(root: Path) -> list[Path]:
    """One a version; links are left alone, wherever they lead."""
    runs = root / "runs"
    found = sorted(runs.iterdir()) if runs.is_dir() else []
    return [path for path in found if path.is_dir() and not path.is_symlink() and path.name[0] != "."]


def _version(folder: Path) -> Version:
    runs = list(runs_in(folder))
    ended, newest = max(((_changed(run.record_path), run.record_path) for run in runs), default=(0.0, folder))
    record = read_record(newest) if ended else None
    return Version(
        folder.name,
        runs=len(runs),
        bytes=sum(map(_size, (folder, *(run.path for run in runs)))),
        commit="" if record is None else record.code.commit,
        uncommitted=record is not None and bool(record.code.patch),
        ended=_day(ended),
    )


def _day(seconds: float) -> str:
    """Empty where there is none: files may have any time."""
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""
    return ""


def runs_in(folder: Path) -> Iterator[RunFolder]:
    """The runs of a version's folder: of no other version, with packs or without."""
    with os.scandir(folder) as found:
        yield from (RunFolder(Path(each.path)) for each in found if each.is_dir(follow_symlinks=False))


def _is_trained(run: RunFolder) -> bool:
    beat = run.heartbeat()
    return beat is not None and is_alive(beat)


def _changed(path: Path) -> float:
    """When a file was; 0 where there is none."""
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_mtime if S_ISREG(found.st_mode) else 0.0
    return 0.0


def _size(folder: Path) -> int:
    """Of the files right in a folder, but for those that go while they are looked at."""
    with os.scandir(folder) as found:
        return sum(map(_size_of, found))


def _size_of(file: os.DirEntry[str]) -> int:
    # Who trains writes files aside, and renames them.
    with suppress(FileNotFoundError):
        return file.stat().st_size if file.is_file(follow_symlinks=False) else 0
    return 0
