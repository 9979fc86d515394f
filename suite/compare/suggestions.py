"""What a side of a comparison that is none may have meant."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from suite.errors import UserError
from suite.places import KEPT
from suite.revisions.git import here, nearest_revision
from suite.spec.places import nearest
from suite.store.nearby import near
from suite.store.reference import releases

WORDS = ("now", "reference")
SHORTEST = 4
"""Digits from which on a word that begins a version may mean it."""


def meant(name: str, results: Path) -> str:
    """The side most like a word that is none: a word, a release's reference, a version of the results, a
    folder of results or a revision. Empty where none is like it.
    """
    if len(name) >= SHORTEST and (version := next(_versions(results, name), "")):
        return f"{results.as_posix()}@{version}"
    words = [*WORDS, *(f"reference@{each}" for each in releases(results) or releases(KEPT))]
    by_folded = {each.casefold(): each for each in [*words, *_folders(name)]}
    return by_folded.get(nearest(name.casefold(), by_folded), "") or _revision(name)


def _versions(results: Path, begin: str) -> Iterator[str]:
    """The versions of the results that begin so."""
    yield from sorted(path.name for path in results.glob("runs/*") if path.name.startswith(begin))


def _folders(name: str) -> Iterator[str]:
    """The folder of results near one that is named so, with the same version behind it."""
    path, at, version = name.partition("@")
    folder = near(Path(path))
    if folder is not None and folder.name:
        yield f"{folder.as_posix()}{at}{version}"


def _revision(name: str) -> str:
    with suppress(UserError):
        return nearest_revision(here(), name)
    return ""
