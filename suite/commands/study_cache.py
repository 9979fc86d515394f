"""Experiments that were read and checked before, kept so that commands need not parse every file again.

They are kept for the exact content of all files below their folder and for the code that read them. With
packs, and for overrides, files are always read.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from suite.places import PACKAGE
from suite.spec.layout import PAPER_FILE
from suite.spec.load import load, load_paper
from suite.spec.packs.found import packs
from suite.spec.schema import Experiment, Frozen, Paper, Scale
from suite.spec.uses import packs_used
from suite.store.decoding import UNREADABLE
from suite.store.files import write

FOLDER: Final = PACKAGE / "__pycache__"


class Content(Frozen, kw_only=True):
    """What is in the file."""

    key: str
    experiments: dict[str, Experiment]
    """By their files."""
    papers: dict[str, Paper]
    """By their folders."""


class Shelf:
    """The experiments of a folder at one scale. A command that only ``reads`` what was trained does without
    the packs that files use, and then keeps nothing.
    """

    def __init__(self, root: Path, scale: Scale, *, reads: bool) -> None:
        self.scale, self.reads = scale, reads
        self.file = FOLDER / f"experiments-{scale}.msgpack"
        self.key = "" if packs() else _key(root)
        found = self._found()
        self.experiments = {} if found is None else dict(found.experiments)
        self.papers = {} if found is None else dict(found.papers)
        self.known = len(self.experiments)

    def experiment(self, path: Path) -> Experiment:
        """What a file says, without overrides. UserError with all its mistakes."""
        name = path.as_posix()
        if name not in self.experiments:
            self.experiments[name] = load(path, self.scale, reading=self.reads)
        return self.experiments[name]

    def paper(self, path: Path) -> Paper:
        """The paper of an experiment's file. UserError where there is none, or it has mistakes."""
        name = path.parent.as_posix()
        if name not in self.papers:
            self.papers[name] = load_paper(path.parent / PAPER_FILE)
        return self.papers[name]

    def keep(self) -> None:
        """Write what is new, where that can be written."""
        unchecked = self.reads and any(map(packs_used, self.experiments.values()))
        if self.key and not unchecked and len(self.experiments) > self.known:
            content = Content(key=self.key, experiments=self.experiments, papers=self.papers)
            with suppress(OSError):
                write(self.file, msgspec.msgpack.encode(content))

    def _found(self) -> Content | None:
        with suppress(*UNREADABLE):
            found = msgspec.msgpack.decode(self.file.read_bytes(), type=Content)
            return found if found.key == self.key else None
        return None


def _key(root: Path) -> str:
    """Changes with any file below the folder, and with the code that reads them."""
    total = hashlib.sha256(root.absolute().as_posix().encode())
    for path in sorted((PACKAGE / "spec").rglob("*.py")):
        about = path.stat()
        total.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    for path in sorted(each for each in root.glob("*/*.yaml") if each.is_file()):
        total.update(os.fsencode(path) + b"\n" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
