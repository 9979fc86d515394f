"""An experiment file at one scale, with overrides, as one valid Experiment.

Every mistake of a file is reported at once, each at its own place.
"""

from pathlib import Path
from typing import Final

import msgspec

from suite.errors import UserError
from suite.spec.borrow import experiment_id, loan, read
from suite.spec.explain import explain
from suite.spec.layout import PAPER_FILE, SCALES
from suite.spec.merge import plain
from suite.spec.nodes import Scalar, Sequence, lookup, parse
from suite.spec.overrides import Variant
from suite.spec.places import fail
from suite.spec.resolve import at_scale
from suite.spec.schema import Experiment, Paper, Scale
from suite.spec.structure import expanded, structure

_NO_OVERRIDES: Final = Variant()


def load(
    path: Path, scale: Scale, overrides: Variant = _NO_OVERRIDES, *, reading: bool = False
) -> Experiment:
    """The experiment a file holds at a scale; UserError with all mistakes of the file there. ``reading``
    what was trained before does without the packs that it uses.
    """
    tree = expanded(parse(read(path), path.as_posix()))
    problems = structure(tree, experiment_id(path), load_paper(path.parent / PAPER_FILE).id)
    lent = loan(tree, path.absolute().parents[1], scale, overrides)
    experiment, more = at_scale(tree, scale, overrides, lent.arms)
    wrong = [p for p in (*problems, *lent.problems, *more) if not (reading and p.about == "absent")]
    if wrong:
        fail(wrong)
    return experiment


def check_file(path: Path) -> None:
    """UserError with every mistake of a file at any scale."""
    paper = load_paper(path.parent / PAPER_FILE).id
    root = path.absolute().parents[1]
    check_text(read(path), path.as_posix(), experiment_id(path), paper, root)


def check_text(data: bytes, name: str, expected_id: str, paper: str, root: Path) -> None:
    """UserError with every mistake, at any scale, of a file with this content and place; ``root``
    is where the experiments are that it may borrow from.
    """
    tree = expanded(parse(data, name))
    problems = structure(tree, expected_id, paper)
    for scale in reversed(SCALES):
        lent = loan(tree, root, scale, _NO_OVERRIDES)
        problems += [*lent.problems, *at_scale(tree, scale, _NO_OVERRIDES, lent.arms)[1]]
    if problems:
        fail(problems)


def load_paper(path: Path) -> Paper:
    """The citation in a folder's paper.yaml."""
    if not path.is_file():
        raise UserError(f"{path.as_posix()}: no such file\n    each folder of experiments needs one")
    tree = parse(read(path), path.as_posix())
    try:
        return msgspec.convert(plain(tree), Paper)
    except msgspec.ValidationError:
        fail(explain(tree, Paper))


def load_tags(path: Path) -> frozenset[str]:
    """The tags of an experiment file, which is not checked otherwise."""
    tags = lookup(parse(read(path), path.as_posix()), "tags")
    items = tags.items if isinstance(tags, Sequence) else ()
    return frozenset(item.text for item in items if isinstance(item, Scalar))
