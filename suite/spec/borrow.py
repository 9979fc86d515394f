"""Arms that an experiment borrows from another, resolved at the same scale.

A lender has no factors and lends only arms of its own, so that one arm is one setting.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import msgspec

from suite.errors import UserError
from suite.folders import real
from suite.places import EXPERIMENTS
from suite.spec.layout import experiment_files
from suite.spec.merge import is_gone, plain
from suite.spec.nodes import MAX_BYTES, Entry, Mapping, Node, Scalar, entries_of, lookup, parse
from suite.spec.overrides import Variant
from suite.spec.packs.found import experiment_folders
from suite.spec.places import Problem, advice, listed
from suite.spec.resolve import borrowed_arms, crossed, merged_arms
from suite.spec.schema import Scale, Setting
from suite.spec.structure import can_merge, expanded


class Loan(msgspec.Struct, frozen=True, eq=False):
    """The borrowed arms of a file at one scale, and what is wrong with them."""

    arms: dict[str, Entry]
    problems: list[Problem]


class Lender(msgspec.Struct, frozen=True, eq=False):
    """What an experiment can lend at one scale: all its arms, or a reason and a cure."""

    names: frozenset[str]
    """Of its arms at any scale."""
    arms: dict[str, Mapping]
    fault: str = ""
    cure: str = ""


def loan(tree: Mapping, root: Path, scale: Scale, overrides: Variant) -> Loan:
    """What the file ``tree`` borrows from the other experiments below ``root``.

    Overrides of settings reach the lender's arms too; those of a section are the borrower's own.
    """
    own = Variant(tuple(change for change in overrides.changes if not change.section))
    lenders = _Lenders(root, scale, own)
    arms: dict[str, Entry] = {}
    problems = list(_misplaced(tree, scale))
    for name, entry in borrowed_arms(tree, scale).items():
        found = lenders.arm(entry.node) if isinstance(entry.node, Mapping) else None
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None:
            arms[name] = Entry(entry.mark, found)
    problems += _unlike(tree, scale, overrides, arms)
    return Loan(arms, problems)


def _unlike(tree: Mapping, scale: Scale, overrides: Variant, lent: dict[str, Entry]) -> Iterator[Problem]:
    """Arms of a file that a scale replaces by ones that are trained otherwise."""
    replaced = lent.keys() & entries_of(lookup(tree, "scales", scale, "borrowed")).keys()
    own = entries_of(merged_arms(tree, scale, overrides)) if replaced else {}
    for name in sorted(replaced & own.keys()):
        keys = _differences(own[name].node, lent[name].node)
        if keys:
            text = (
                f"arm {name!r} is trained otherwise than the one that scale {scale} borrows: {listed(keys)}"
            )
            yield Problem(lent[name].mark, text, "borrow one that is the same but for its probes")


def _differences(first: Node, second: Node) -> list[str]:
    """The keys of two settings that differ, defaults filled in; none where one is no valid setting."""
    try:
        settings = [msgspec.convert(plain(node), Setting) for node in (first, second)]
    except msgspec.ValidationError:
        return []  # Which is told elsewhere.
    keys = (key for key in Setting.__struct_fields__ if key != "probes")
    return [key for key in keys if len({repr(getattr(setting, key)) for setting in settings}) > 1]


def _misplaced(tree: Mapping, scale: Scale) -> Iterator[Problem]:
    """Borrowed arms that could not be told from others, or that have no place here."""
    borrowed, whole_file = borrowed_arms(tree, scale), entries_of(lookup(tree, "borrowed"))
    own = dict(crossed(entries_of(lookup(tree, "arms")), entries_of(lookup(tree, "across"))))
    first: dict[tuple[str, str], str] = {}
    for name, entry in borrowed.items():
        lent = _names(entry.node)
        other = first.setdefault(lent, name) if all(lent) else name
        if name in own and name in whole_file:
            yield Problem(entry.mark, f"arm {name!r} is both borrowed and here", "give one another name")
        if name not in own and name not in whole_file:
            text = f"there is no arm {name!r} that scale {scale} could replace"
            yield Problem(entry.mark, text, advice(name, own, "arms"), about="unknown")
        if lent[0] and lent[0] == _text(lookup(tree, "id")):
            yield Problem(entry.node.mark, "an experiment cannot borrow from itself", "name another one")
        elif other != name:
            yield Problem(entry.mark, f"arms {other!r} and {name!r} are the same one", "borrow it once")
    if borrowed and _has_factors(tree, scale):
        mark = (
            tree.entries["borrowed"].mark
            if "borrowed" in tree.entries
            else next(iter(borrowed.values())).mark
        )
        yield Problem(mark, "an experiment with factors cannot borrow arms", "write the arms out")


class _Lenders:
    """The experiments below a folder, each read once; from a pack's also the suite's own."""

    def __init__(self, root: Path, scale: Scale, overrides: Variant) -> None:
        self.root, self.scale, self.overrides = root, scale, overrides
        self.known: dict[str, Lender] = {}

    @cached_property
    def paths(self) -> dict[str, Path]:
        """Every experiment's file."""
        is_brought = real(self.root) in map(real, experiment_folders())
        roots = (EXPERIMENTS, self.root) if is_brought else (self.root,)
        return {experiment_id(path): path for root in roots for path in experiment_files(root)}

    def arm(self, node: Mapping) -> Mapping | Problem | None:
        """The merged arm, or what is wrong; None for mistakes of form, of which others tell."""
        id_, name = _names(node)
        if not (id_ and name):
            return None
        if id_ not in self.paths:
            place = node.entries["experiment"].node.mark
            return Problem(place, f"no experiment {id_!r}", advice(id_, self.paths, "experiments"))
        lender = self.known.get(id_) or self.known.setdefault(id_, self._lender(id_))
        place = node.entries["arm"].node.mark
        if lender.fault:
            return Problem(node.mark, lender.fault, lender.cure)
        if name in lender.names - lender.arms.keys():
            text = f"{id_} has no arm {name!r} at scale {self.scale}"
            return Problem(place, text, f"borrow one that every scale has: {listed(lender.arms)}")
        if name not in lender.arms:
            return Problem(place, f"{id_} has no arm {name!r} of its own", advice(name, lender.names, "arms"))
        return lender.arms[name]

    def _lender(self, id_: str) -> Lender:
        tree = expanded(parse(read(self.paths[id_]), self.paths[id_].as_posix()))
        if not can_merge(tree):
            fault = f"{id_} has mistakes and cannot lend arms"
            return Lender(frozenset(), {}, fault, f"they are told by: run_suite.py validate {id_}")
        if _has_factors(tree, self.scale):
            return Lender(frozenset(), {}, f"{id_} has factors and cannot lend arms", "write the arm out")
        names = crossed(entries_of(lookup(tree, "arms")), entries_of(lookup(tree, "across")))
        merged = entries_of(merged_arms(tree, self.scale, self.overrides))
        arms = {name: each.node for name, each in merged.items() if isinstance(each.node, Mapping)}
        return Lender(frozenset(name for name, _ in names), arms)


def _has_factors(tree: Mapping, scale: Scale) -> bool:
    given = (lookup(tree, "factors"), lookup(tree, "scales", scale, "factors"))
    return any(not is_gone(entry.node) for node in given for entry in entries_of(node).values())


def _names(node: Node) -> tuple[str, str]:
    """Experiment and arm as they are given."""
    return _text(lookup(node, "experiment")), _text(lookup(node, "arm"))


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""


def experiment_id(path: Path) -> str:
    """The id an experiment file must have: its folder and name, with hyphens."""
    path = path.absolute()
    return f"{path.parent.name}/{path.stem}".replace("_", "-")


def read(path: Path) -> bytes:
    """The file's content, cut where it is too large to be read; UserError where it cannot be."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path.as_posix()}: cannot be read: {error.strerror}") from None
