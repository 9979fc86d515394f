"""Names that two bring, or that are the suite's own.

A file names a thing with its pack, but figures and the page name it alone: what is called the same must
be the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, get_args

from suite.errors import UserError
from suite.spec import schema
from suite.spec.packs.declaration import NOUNS, SECTIONS, Declaration, Section
from suite.spec.quantities import QUANTITIES


def _tags(kinds: Any) -> frozenset[str]:
    return frozenset(str(kind.__struct_config__.tag) for kind in get_args(kinds))


def _words(field: Any) -> frozenset[str]:
    return frozenset(get_args(field))


OWN: Final[Mapping[Section, frozenset[str]]] = {
    "data": _tags(schema.Data),
    "images": _tags(schema.Data),
    "generators": _tags(schema.Generator),
    "critics": _tags(schema.Critic),
    "losses": _words(schema.LossName),
    "constraints": _tags(schema.Constraint),
    "probes": frozenset(QUANTITIES),
    "metrics": _words(schema.Metric.__annotations__["reduce"]),
    "figures": _words(schema.Figure.__annotations__["kind"]),
}
"""What the suite itself has."""


def clashes(declared: Iterable[tuple[str, Declaration]]) -> None:
    """UserError for packs, given with their files, of one name or with a name in common."""
    problems = list(_problems(list(declared)))
    if problems:
        raise UserError("\n".join(problems))


def _problems(declared: list[tuple[str, Declaration]]) -> Iterator[str]:
    packs: dict[str, str] = {}
    brought: dict[tuple[str, str], tuple[str, str]] = {}
    for file, declaration in declared:
        if (other := packs.setdefault(declaration.pack, file)) != file:
            yield (f"{other} and {file}: both are pack {declaration.pack!r}\n    leave one out, or rename it")
            continue
        for section, name in _things(declaration):
            noun, mine = NOUNS[section], (declaration.pack, file)
            if name in OWN[section]:
                yield (
                    f"{file}: {noun} {name!r} of pack {declaration.pack!r} is one of the suite's own\n"
                    "    give it another name"
                )
            pack, at = brought.setdefault((section, name), mine)
            if (pack, at) != mine:
                yield (
                    f"{at} and {file}: packs {pack!r} and {declaration.pack!r} both bring a {noun} {name!r}\n"
                    "    rename one of them, or give one pack only"
                )


def _things(declaration: Declaration) -> Iterator[tuple[Section, str]]:
    for section in SECTIONS:
        for name in declaration.section(section):
            yield section, name
