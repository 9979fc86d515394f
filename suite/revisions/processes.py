"""A command in a process of its own, which hears of Ctrl-C once and is waited for."""

import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

PASSED_ON = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


class Answer(NamedTuple):
    """How a command ended; ``out`` is empty where its output was streamed."""

    status: int
    out: bytes = b""
    stopped: bool = False
    """Whether a signal to stop was passed on to it."""


def stream(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> Answer:
    """Run a command whose output goes where this process's goes."""
    return _run(command, folder, variables, kept=False)


def listen(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> Answer:
    """Run a command and keep what it prints; its errors go where this process's go. KeyboardInterrupt
    where it was told to stop: what it has printed then is no answer.
    """
    answer = _run(command, folder, variables, kept=True)
    if answer.stopped:
        raise KeyboardInterrupt
    return answer


def _run(command: Sequence[str], folder: Path, variables: Mapping[str, str], kept: bool) -> Answer:
    out = subprocess.PIPE if kept else None
    # A session of its own: else the terminal's Ctrl-C and the one passed on would be two.
    process = subprocess.Popen(command, cwd=folder, env=variables, stdout=out, start_new_session=True)
    with _passing_on(process) as heard:
        text, _ = process.communicate()
    return Answer(process.returncode, text or b"", bool(heard))


@contextmanager
def _passing_on(process: "subprocess.Popen[bytes]") -> Iterator[list[int]]:
    heard: list[int] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        heard.append(number)
        process.send_signal(number)

    before = {each: signal.signal(each, pass_on) for each in PASSED_ON}
    try:
        yield heard
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
