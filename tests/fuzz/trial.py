"""One bad input given to its reader, which must answer soon, in little memory, by a value or a UserError."""

import random
import resource
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from suite.errors import UserError
from tests.fuzz.kinds import Kind

SECONDS = 3
MEMORY = 400_000
"""KiB that one input may add to the most that the process ever held."""


class Failure(NamedTuple):
    """What an input did that none may."""

    what: str
    """Class and place of the exception: failures of one cause are alike in it."""
    told: str
    content: bytes


class Slow(BaseException):
    """Not an Exception, so that no reader takes it for a damaged file."""


def mutant(kind: Kind, seeds: list[bytes], seed: int) -> bytes:
    """The input of this number; always the same one."""
    rng = random.Random(seed)
    return kind.mutant(rng.choice(seeds), rng)


def tried(kind: Kind, content: bytes, folder: Path) -> Failure | bool:
    """Whether the input was accepted, or the failure."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        with _within(SECONDS):
            kind.read(content, folder)
    except UserError as error:
        return False if str(error) else Failure("UserError that tells nothing", "", content)
    except (Exception, Slow) as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}"
        return Failure(what, "".join(traceback.format_exception(error)), content)
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return Failure("memory", f"{more} KiB more", content) if more > MEMORY else True


@contextmanager
def _within(seconds: int) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, _too_slow)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _too_slow(_: int, __: FrameType | None) -> None:
    raise Slow
