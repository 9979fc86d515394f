"""Files of older formats, read as what they would be if they were written today.

Results of a release are never written anew. Where what a file says changes, or what is meant by something
that it leaves out, its ``FORMAT`` is raised, and a step here makes of a value of that format one of the next.
"""

from collections.abc import Callable, Mapping
from typing import Final

Plain = dict[str, object]
Step = Callable[[Plain], Plain]

FIRST: Final = 1
"""The format of a file that names none."""
RECORDS: Final[dict[int, Step]] = {}
"""Of a record, by the format that the step begins at: see ``suite.store.record``."""
HEADS: Final[dict[int, Step]] = {}
"""Of the first line of a reference: see ``suite.store.reference``."""
CLAIMS: Final[dict[int, Step]] = {}
"""Of a claim in a reference, by the reference's format."""


class Newer(ValueError):
    """A file is of a format that is not known here yet."""

    def __init__(self, of: int, to: int) -> None:
        super().__init__(f"of format {of}, and this version of the suite reads formats up to {to}")


def format_of(plain: Mapping[str, object]) -> int:
    """The format that a value names. ValueError where that is no format."""
    found = plain.get("format", FIRST)
    if not isinstance(found, int) or isinstance(found, bool) or found < FIRST:
        raise ValueError(f"of no known format: {found!r}")
    return found


def upgraded(plain: Plain, steps: Mapping[int, Step], of: int, to: int) -> Plain:
    """A value of format ``of`` as one of format ``to``; formats without a step left it as it was.

    Newer where ``of`` is not known yet, ValueError where the value is not what a step takes.
    """
    if of > to:
        raise Newer(of, to)
    try:
        for number in range(of, to):
            plain = steps.get(number, _same)(plain)
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"not of the format {of} that it names: {error!r}") from None
    return plain


def _same(plain: Plain) -> Plain:
    return plain
