"""Names that can stand in a file's name and in the address of a place on the page."""

import re
from typing import Final

from suite.spec.identity import digest
from suite.spec.runs import slug
from suite.spec.schema import Paper

LONGEST = 100
IS_SLUG: Final = re.compile(r"(?!.*--)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?").fullmatch
"""Says of a text whether it is its own slug: of tens of thousands of runs it is."""


def dated(paper: Paper) -> tuple[int, str]:
    """Where a paper stands among others: the oldest first."""
    return paper.year, paper.id


def anchor(*parts: str) -> str:
    """The parts in lower-case letters, digits, dots and hyphens. Where that loses anything, a
    hash keeps different parts apart.
    """
    if all(map(IS_SLUG, parts)) and len(same := "--".join(parts)) <= LONGEST:
        return same
    readable = "--".join(slug(part) for part in parts)
    plain = "--".join(part.replace("/", "-").replace("_", "-") for part in parts)
    if readable == plain and len(readable) <= LONGEST:
        return readable
    return f"{readable[:LONGEST]}-{digest(chr(0).join(parts))}"
