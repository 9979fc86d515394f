"""Whether a folder is one for results: that login node and nodes share, as far as one can tell from here."""

from pathlib import Path
from typing import Final

from suite.errors import UserError

MOUNTS: Final = Path("/proc/self/mountinfo")
SHARED: Final = frozenset(
    {
        "afs", "beegfs", "ceph", "cifs", "cvmfs", "fuse.ceph", "fuse.glusterfs", "fuse.juicefs", "fuse.sshfs",
        "glusterfs", "gpfs", "lustre", "nfs", "nfs4", "orangefs", "panfs", "pvfs2", "quobyte", "smb3", "vast",
        "wekafs",
    }
)  # fmt: skip
"""File systems that many machines share."""
IN_MEMORY: Final = frozenset({"tmpfs", "ramfs", "devtmpfs", "overlay", "squashfs"})
"""File systems that end with this machine, or with this container."""

NOT_IN_PATHS: Final = "%\\\n\r"
"""SLURM reads patterns in the names of its logs."""


def require_legible(folder: Path) -> None:
    """UserError for a folder that SLURM would misread."""
    if set(NOT_IN_PATHS) & set(str(folder)):
        raise UserError(
            f"results folder {str(folder)!r}: SLURM cannot write logs to a path with %, a backslash or a "
            "line break in it\n    choose another with --results DIR"
        )


def file_system(folder: Path, mounts: str) -> str:
    """The kind of file system that a folder is on, by the content of ``mountinfo``; empty if unknown."""
    kind, deepest = "", Path()
    for line in mounts.splitlines():
        before, dash, after = line.partition(" - ")
        fields = before.split()
        if not dash or len(fields) < 5 or not after:
            continue
        point = Path(_unescaped(fields[4]))
        # Of two on one point the later covers the earlier.
        if folder.is_relative_to(point) and len(point.parts) >= len(deepest.parts):
            kind, deepest = after.split()[0], point
    return kind


def here(folder: Path) -> str:
    """The kind of file system that a folder of this machine is on; empty if unknown."""
    try:
        return file_system(folder.resolve(), MOUNTS.read_text(errors="replace"))
    except OSError:
        return ""


def _unescaped(text: str) -> str:
    """The kernel writes blanks in octal."""
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, letter)
    return text
