"""Calls of the command line: in this process, or in one of its own."""

import io
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from suite.cli import main, parse
from suite.commands.selection import Selection
from suite.store.version import ROOT

SCRIPT = str(ROOT / "run_suite.py")


class Answer(NamedTuple):
    """What a command gives back."""

    status: int
    out: str
    err: str


class Place(NamedTuple):
    """A folder with ``experiments`` and ``results`` in it."""

    root: Path

    @property
    def results(self) -> Path:
        """The results folder."""
        return self.root / "results"

    @property
    def file(self) -> Path:
        """The experiment file."""
        return self.root / "experiments" / "small" / "pair.yaml"

    def begin(self) -> None:
        """Make the results folder one in which runs of another version were begun."""
        (self.results / "runs" / ("0" * 12)).mkdir(parents=True)

    def edit(self, old: str, new: str) -> None:
        """Change one place of the experiment file."""
        text = self.file.read_text()
        assert text.count(old) == 1, old
        self.file.write_text(text.replace(old, new))

    def records(self) -> dict[str, Path]:
        """The records there are, by run."""
        return {path.parent.name: path for path in self.results.glob("runs/*/*/record.json")}

    def words(self, *words: str) -> list[str]:
        """The command's words, at this place."""
        return [*words, "--experiments", str(self.root / "experiments"), "--results", str(self.results)]

    def call(self, *words: str, encoding: str = "utf-8") -> Answer:
        """A command in this process, at this place."""
        return call(*self.words(*words), encoding=encoding)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command in a process group of its own, at this place."""
        return subprocess.Popen(
            [sys.executable, SCRIPT, *self.words(*words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            preexec_fn=_hear_ctrl_c,
        )


def _hear_ctrl_c() -> None:
    """Where the tests themselves were started in the background, a shell has switched it off for all."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def selected(*words: str) -> Selection:
    """What a command's words choose."""
    return Selection.of(parse(words))


def call(*words: str, encoding: str = "utf-8") -> Answer:
    """A command in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = main(words)
        except SystemExit as left:
            status = int(left.code or 0)
    return Answer(status, _text(out), _text(err))


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
