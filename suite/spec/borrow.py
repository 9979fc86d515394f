"""Arms that an experiment borrows from another, resolved at the same scale.

A lender has no factors and lends only arms of its own, so that one arm is one setting.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from suite.spec.layout import PAPER_FILE
from suite.spec.merge import is_gone, plain
from suite.spec.nodes import MAX_BYTES, Entry, Mapping, Node, entries_of, lookup, parse
from suite.spec.overrides import Variant
from suite.spec.places import Problem, advice
from suite.spec.resolve import merged_arms
from suite.spec.schema import Scale
from suite.spec.structure import expanded


class Loan(msgspec.Struct, frozen=True, eq=False):
    """The borrowed arms of a file at one scale, and what is wrong with them."""

    arms: dict[str, Entry]
    problems: list[Problem]


def loan(tree: Mapping, root: Path, scale: Scale, overrides: Variant) -> Loan:
    """What the file ``tree`` borrows from the other experiments below ``root``.

    Overrides of settings reach the lender's arms too; those of a section are the borrower's own.
    """
    borrowed = entries_of(lookup(tree, "borrowed"))
    own = Variant(tuple(change for change in overrides.changes if not change.section))
    arms: dict[str, Entry] = {}
    problems = list(_misplaced(tree)) if borrowed else []
    for name, entry in borrowed.items():
        found = _arm(entry, root, scale, own)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            arms[name] = Entry(entry.mark, found)
    return Loan(arms, problems)


def _misplaced(tree: Mapping) -> Iterator[Problem]:
    own = entries_of(lookup(tree, "arms"))
    for name, entry in entries_of(lookup(tree, "borrowed")).items():
        if name in own:
            yield Problem(entry.mark, f"arm {name!r} is both borrowed and here", "give one another name")
    if entries_of(lookup(tree, "factors")):
        mark = tree.entries["borrowed"].mark
        yield Problem(mark, "an experiment with factors cannot borrow arms", "write the arms out")


def _arm(entry: Entry, root: Path, scale: Scale, overrides: Variant) -> Mapping | Problem:
    """The merged arm, or what is wrong. Mistakes of form are told of by the file's own check."""
    id_, arm = (_text(lookup(entry.node, key)) for key in ("experiment", "arm"))
    paths = {experiment_id(path): path for path in root.glob("*/*.yaml") if path.name != PAPER_FILE}
    if id_ not in paths:
        return Problem(entry.node.mark, f"no experiment {id_!r}", advice(id_, paths, "experiments"))
    lender = expanded(parse(_read(paths[id_]), paths[id_].as_posix()))
    if entries_of(lookup(lender, "factors")):
        return Problem(entry.node.mark, f"{id_} has factors and cannot lend arms", "write the arm out")
    every = entries_of(merged_arms(lender, scale, overrides))
    arms = {name: each.node for name, each in every.items() if not is_gone(each.node)}
    found = arms.get(arm)
    if isinstance(found, Mapping):
        return found
    return Problem(entry.node.mark, f"{id_} has no arm {arm!r} of its own", advice(arm, arms, "arms"))


def _text(node: Node | None) -> str:
    return "" if node is None else str(plain(node))


def experiment_id(path: Path) -> str:
    """The id an experiment file must have: its folder and name, with hyphens."""
    path = path.absolute()
    return f"{path.parent.name}/{path.stem}".replace("_", "-")


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
