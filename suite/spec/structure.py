"""An experiment file as it is written: mistakes that show before anything is merged."""

import itertools
from collections.abc import Iterator
from typing import Final

from suite.spec.explain import explain, nothing_removed
from suite.spec.layout import PAPER_FILE, SCALES, File, Layer
from suite.spec.merge import expand, is_null, plain
from suite.spec.nodes import Entry, Mapping, Node, entries_of, lookup, place
from suite.spec.places import Problem, advice, fail

SETTINGS: Final = ("base", "arms", "across")
"""The sections that hold settings, or parts of them."""

MAX_CONDITIONS: Final = 1000
"""More than any experiment needs."""
_OF_A_SCALE: Final = frozenset(Layer.__struct_fields__)


def structure(tree: Mapping, expected_id: str, paper: str) -> list[Problem]:
    """The mistakes that show before anything is merged; fails where merging would mislead."""
    problems = [*explain(tree, File, "file"), *_header(tree, expected_id, paper), *_empty_sections(tree)]
    if not can_merge(tree):
        fail(problems)
    if many := _too_many(tree):
        fail([*problems, many])
    problems += _crossed_alike(tree)
    for scale in SCALES:
        problems += new_arms(tree, lookup(tree, "scales", scale))
    return problems


def _too_many(tree: Mapping) -> Problem | None:
    """Arms crossed with so many parts would fill the memory before anybody counts them."""
    arms, across = (len(entries_of(lookup(tree, section))) for section in ("arms", "across"))
    if arms * across <= MAX_CONDITIONS:
        return None
    text = f"{arms} arms across {across} parts make {arms * across}"
    return Problem(place(tree, "across"), text, f"keep to {MAX_CONDITIONS}")


def _crossed_alike(tree: Mapping) -> Iterator[Problem]:
    """Names that two pairs of arm and part make would hide the arm of the first."""
    arms, across = (entries_of(lookup(tree, section)) for section in ("arms", "across"))
    made: dict[str, tuple[str, str]] = {}
    for pair in itertools.product(arms, across):
        name = crossed_name(*pair)
        if made.setdefault(name, pair) != pair:
            (arm, part), (other, more) = made[name], pair
            text = f"arm {arm!r} across {part!r} and arm {other!r} across {more!r} are both {name!r}"
            yield Problem(place(tree, "across", more), text, "rename one of them")


def crossed_name(arm: str, part: str) -> str:
    """What an arm is called with a part of ``across`` laid over it."""
    return f"{arm}, {part}"


def expanded(tree: Mapping) -> Mapping:
    """The file with each kind that is given as a plain string written out."""
    tree = with_kinds(tree)
    scales = tree.entries.get("scales")
    if scales is None or not isinstance(scales.node, Mapping):
        return tree
    layers = {
        scale: Entry(entry.mark, with_kinds(entry.node)) if isinstance(entry.node, Mapping) else entry
        for scale, entry in scales.node.entries.items()
    }
    return Mapping(
        tree.mark, tree.entries | {"scales": Entry(scales.mark, Mapping(scales.node.mark, layers))}
    )


def with_kinds(layer: Mapping) -> Mapping:
    """Only settings have kinds: a factor of the name ``data`` has levels."""
    expanded = {
        key: Entry(entry.mark, expand(entry.node)) if key in SETTINGS else entry
        for key, entry in layer.entries.items()
    }
    return Mapping(layer.mark, expanded)


def _header(tree: Mapping, expected_id: str, paper: str) -> Iterator[Problem]:
    for key, expected, reason in (
        ("id", expected_id, "the id is the file's folder and name"),
        ("paper", paper, f"that is the id in {PAPER_FILE}"),
    ):
        given = tree.entries.get(key)
        if given is not None and plain(given.node) != expected:
            yield Problem(
                given.node.mark, f"{key} must be {expected!r}", f"write {key}: {expected}; {reason}"
            )


def _empty_sections(tree: Mapping) -> Iterator[Problem]:
    """No scale can do without base and arms."""
    for scale, section in itertools.product(SCALES, ("base", "arms")):
        node = lookup(tree, "scales", scale, section)
        if node is not None and is_null(node):
            yield Problem(node.mark, f"{section} has no value", f"leave {section} out where nothing changes")


def can_merge(tree: Mapping) -> bool:
    """Whether all keys of the file and its scales are known, and base and arms are mappings."""
    layers = [lookup(tree, "scales", scale) for scale in SCALES]
    return (
        tree.entries.keys() <= set(File.__struct_fields__)
        and {"base", "arms"} <= tree.entries.keys()
        and entries_of(lookup(tree, "scales")).keys() == set(SCALES)
        and all(isinstance(layer, Mapping) and layer.entries.keys() <= _OF_A_SCALE for layer in layers)
        and all(_are_mappings(layer) for layer in (tree, *layers))
    )


def _are_mappings(layer: Node | None) -> bool:
    given = {section: lookup(layer, section) for section in SETTINGS}
    return all(
        node is None or isinstance(node, Mapping) or (section == "across" and is_null(node))
        for section, node in given.items()
    )


def new_arms(below: Node | None, above: Node | None) -> Iterator[Problem]:
    """A scale or override that adds an arm would train it unnoticed after a slip of the pen."""
    for section, noun in (("arms", "arm"), ("across", "part of across")):
        known = entries_of(lookup(below, section))
        for name, entry in entries_of(lookup(above, section)).items():
            if name not in known and is_null(entry.node):
                yield nothing_removed(entry.mark, name, section, known)
            elif name not in known:
                text = f"there is no {noun} {name!r} to change"
                yield Problem(entry.mark, text, advice(name, known, section), about="unknown")
