"""Names that can stand in a file's name and in the address of a place on the page."""

import re
from typing import Final

from suite.spec.identity import digest
from suite.spec.runs import slug
from suite.spec.schema import Paper

LONGEST = 100
IS_SLUG: Final = re.compile(r"(?!.*--)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?").fullmatch
"""Says of a text whether it is its own slug: of tens of thousands of runs it is."""

FOLDER: Final = re.compile(r"(wgan-gp|[^-]*)-")
"""The folder's part of an experiment's id whose slash is a hyphen: but for this one it has no hyphen."""


def dated(paper: Paper) -> tuple[int, str]:
    """Where a paper stands among others: the oldest first."""
    return paper.year, paper.id


def anchor(*parts: str) -> str:
    """The parts in lower-case letters, digits, dots and hyphens. Where that loses anything, or an id's
    slash could have been at another hyphen, a hash keeps different parts apart.
    """
    if all(map(IS_SLUG, parts)) and len(same := "--".join(parts)) <= LONGEST:
        return same
    readable = "--".join(slug(part) for part in parts)
    plain = "--".join(map(_hyphened, parts))
    if readable == plain and len(readable) <= LONGEST:
        return readable
    return f"{readable[:LONGEST]}-{digest(chr(0).join(parts))}"


def _hyphened(part: str) -> str:
    """A key's underscores or an id's slash as hyphens; an id as it is where another would look the same."""
    same = part.replace("/", "-").replace("_", "-")
    return part if "/" in part and FOLDER.sub(r"\1/", same, count=1) != part else same
