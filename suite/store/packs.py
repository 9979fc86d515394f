"""What results can depend on of a pack, as hashes."""

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from tokenize import TokenError
from typing import Final

from suite.spec.identity import DIGITS, canonical, canonical_json
from suite.spec.packs.declaration import FILE, SECTIONS, Brought, Declaration, Section
from suite.spec.packs.found import Pack
from suite.spec.packs.found import pack as pack_of
from suite.spec.packs.modules import not_python, reached
from suite.spec.packs.sources import files, sources
from suite.store.meaning import meaning

APART: Final = frozenset({"tests", "docs"})
"""Folders of a pack that no result depends on, beside that of its experiments."""
PROSE: Final = frozenset({".md", ".rst", ".txt"})
PACKAGING: Final = frozenset({FILE, "pyproject.toml", "setup.py", "setup.cfg", "uv.lock"})
"""Files that no code of a pack reads; what the declaration says counts by itself."""
UNSAID: Final = frozenset({"says", "quantities", "like"})
"""Keys of a declaration that no result depends on."""
AFTER: Final[tuple[Section, ...]] = ("metrics", "figures")
"""What is made of records, and no part of a run."""


@cache
def content(pack: Pack) -> str:
    """Hash of a pack's code and data files as far as a run can depend on them, 12 hexadecimal digits.

    Experiments are no part of it: a run's id covers what they ask for, a claim's hash its rule. Nor are
    comments, texts and tests, nor modules that metrics and figures alone import.
    """
    trained = [section for section in SECTIONS if section not in AFTER]
    apart = _modules(pack, AFTER) - _modules(pack, trained)
    return _hash(pack, _declared(pack.declaration, trained), apart)


@cache
def whole(pack: Pack) -> str:
    """The same with metrics and figures: what a report can depend on."""
    return _hash(pack, _declared(pack.declaration, SECTIONS), ())


def of_metric(use: str) -> str:
    """Hash of what a pack's metric can depend on; empty where it is not here."""
    owner, _, name = use.partition("/")
    found = pack_of(owner)
    return "" if found is None else _of_metric(found, name)


@cache
def _of_metric(pack: Pack, name: str) -> str:
    declared = pack.declaration.metrics.get(name)
    if declared is None:
        return ""
    apart = frozenset(sources(pack)) - reached(pack, [_module(declared)])
    return _hash(pack, canonical_json(_without_prose(declared)), apart)


def _hash(pack: Pack, declared: str, apart: Collection[str]) -> str:
    """Of the declaration and every file that counts, but for those ``apart``."""
    total = hashlib.sha256(declared.encode())
    for name in _counted(pack):
        if name not in apart:
            total.update(os.fsencode(name) + b"\0" + _said(pack, name) + b"\0")
    return total.hexdigest()[:DIGITS]


def _counted(pack: Pack) -> Iterator[str]:
    """The files of which a result can depend on any, by their paths below the folder."""
    apart = APART | {pack.declaration.experiments}
    for path in files(pack):
        name = path.relative_to(pack.folder)
        if not apart & set(name.parts) and path.suffix not in PROSE and name.as_posix() not in PACKAGING:
            yield name.as_posix()


def _modules(pack: Pack, sections: Iterable[Section]) -> frozenset[str]:
    """The files that what is declared in some sections can depend on."""
    declared = (each for section in sections for each in pack.declaration.section(section).values())
    return reached(pack, map(_module, declared))


def _module(brought: Brought) -> str:
    return brought.at.partition(":")[0]


def _said(pack: Pack, name: str) -> bytes:
    path = pack.folder / name
    if path.suffix != ".py":
        return path.read_bytes()
    try:
        return meaning(sources(pack)[name].decode()).encode()
    except (SyntaxError, TokenError, ValueError) as error:
        raise not_python(path, error) from None


def _declared(declaration: Declaration, sections: Iterable[Section]) -> str:
    """What the declaration says, apart from its prose and from what only tells the time."""
    parts: dict[str, object] = {
        section: {name: _without_prose(each) for name, each in declaration.section(section).items()}
        for section in sections
    }
    return canonical_json({"pack": declaration.pack, **parts})


def _without_prose(brought: Brought) -> dict[str, object]:
    return {key: value for key, value in canonical(brought).items() if key not in UNSAID}
