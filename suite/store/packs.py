"""What a pack's numbers can depend on, as a hash."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tokenize import TokenError
from typing import Final

from suite.spec.identity import DIGITS, canonical, canonical_json
from suite.spec.packs.declaration import FILE, SECTIONS, Brought, Declaration
from suite.spec.packs.found import Pack
from suite.spec.packs.found import pack as pack_of
from suite.spec.packs.modules import not_python
from suite.store.meaning import meaning

APART: Final = frozenset({"__pycache__", "tests", "docs"})
"""Folders of a pack that no result depends on, beside that of its experiments."""
PROSE: Final = frozenset({".md", ".rst", ".txt"})
UNSAID: Final = frozenset({"says", "quantities", "like"})
"""Keys of a declaration that no result depends on."""


@cache
def content(pack: Pack) -> str:
    """Hash of a pack's code and data files, 12 hexadecimal digits.

    Experiments are no part of it: a run's id covers what they ask for, a claim's hash its rule. Nor are
    comments, texts and tests.
    """
    apart = APART | {pack.declaration.experiments}
    total = hashlib.sha256(_declared(pack.declaration).encode())
    for path in files(pack):
        name = path.relative_to(pack.folder)
        if path.name != FILE and not apart & set(name.parts) and path.suffix not in PROSE:
            total.update(name.as_posix().encode() + b"\0" + _said(path) + b"\0")
    return total.hexdigest()[:DIGITS]


def version(name: str) -> str:
    """The hash of the pack of that name; empty where it is not here."""
    found = pack_of(name)
    return "" if found is None else content(found)


def files(pack: Pack) -> Iterator[Path]:
    """Every file of a pack, by name, but for what is hidden or made by Python."""
    for path in sorted(pack.folder.rglob("*")):
        inside = path.relative_to(pack.folder).parts
        if path.is_file() and "__pycache__" not in inside and not any(p.startswith(".") for p in inside):
            yield path


def _said(path: Path) -> bytes:
    if path.suffix != ".py":
        return path.read_bytes()
    try:
        return meaning(path.read_text(encoding="utf-8")).encode()
    except (SyntaxError, TokenError, ValueError) as error:
        raise not_python(path, error) from None


def _declared(declaration: Declaration) -> str:
    """What the declaration says, apart from its prose and from what only tells the time."""
    parts: dict[str, object] = {
        section: {name: _without_prose(each) for name, each in declaration.section(section).items()}
        for section in SECTIONS
    }
    return canonical_json({"pack": declaration.pack, **parts})


def _without_prose(brought: Brought) -> dict[str, object]:
    return {key: value for key, value in canonical(brought).items() if key not in UNSAID}
