"""Standard output and error, so that what a command prints cannot keep it from what it does."""

import io
import json
import os
import sys
from typing import Any, TextIO

WIDE, NARROW = 120, 40
"""Columns."""
ORDERS = (*range(0x20), *range(0x7F, 0xA0))
TURNS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Signs that turn the direction of text, after which it reads otherwise than it is written."""
STEERING = {code: "?" for code in (*ORDERS, *TURNS) if chr(code) not in "\n\r\t"}
"""Characters from which a terminal takes orders, by what is printed for them."""


class _Patient(io.FileIO):
    """A file whose reader may leave: what is written after that is dropped."""

    left = False

    def write(self, content: Any) -> int:
        """As of any file, without BrokenPipeError."""
        if not self.left:
            try:
                return super().write(content)
            except BrokenPipeError:
                self.left = True
            except OSError:  # A full disk, say; told once, and not again when the process ends.
                self.left = True
                raise
        return memoryview(content).nbytes


class _Plain(io.TextIOWrapper):
    """Text in which nothing steers a terminal, whoever wrote it: titles, reasons, names of folders."""

    def write(self, text: str) -> int:
        """As of any stream, with a question mark for each sign that is no text."""
        return super().write(text if text.isprintable() else text.translate(STEERING))


def clear() -> None:
    """An empty terminal; nothing where the output is none."""
    if sys.stdout.isatty():
        sys.stdout.flush()
        sys.stdout.buffer.write(b"\x1b[2J\x1b[H")


def say(stream: TextIO, line: str) -> None:
    """Print a line that is there before what comes next, of this process or another."""
    stream.write(f"{line}\n")
    stream.flush()


def print_json(value: object) -> None:
    """Print a value as JSON, for programs. ValueError for one with a number that JSON lacks."""
    json.dump(value, sys.stdout, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def settle() -> None:
    """From now on a reader that leaves stops no command, and a sign that a terminal lacks is replaced.
    Streams that are not the process's own, as in tests, only get the latter.
    """
    sys.stdout = _settled(sys.stdout, sys.__stdout__)
    sys.stderr = _settled(sys.stderr, sys.__stderr__)


def has_left(stream: TextIO) -> bool:
    """Whether nobody reads this stream any more."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return isinstance(raw, _Patient) and raw.left


def width() -> int:
    """Columns of the terminal, or as many as a table needs; wide where the output goes to a file, or to a
    terminal that does not know how wide it is.
    """
    try:
        return max(os.get_terminal_size(sys.stdout.fileno()).columns or WIDE, NARROW)
    except OSError:
        return WIDE


def _settled(stream: TextIO | None, own: TextIO | None) -> TextIO:
    if stream is None:  # It was closed before the process began.
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    # Papers have signs that some terminals' encodings lack.
    stream.reconfigure(errors="replace")
    if stream is not own:
        return stream
    stream.flush()
    return _Plain(
        io.BufferedWriter(_Patient(stream.fileno(), "w", closefd=False)),
        encoding=stream.encoding,
        errors="replace",
        # Python asks it of a stream without a buffer, which this one has.
        line_buffering=stream.line_buffering or stream.write_through,
    )
