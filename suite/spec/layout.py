"""What stands where in an experiment file, before its scales and arms are merged."""

from pathlib import Path
from typing import Final, get_args

import msgspec

from suite.spec.schema import (
    Borrowed,
    Claim,
    Factor,
    Figure,
    Frozen,
    Key,
    Metric,
    Name,
    Scale,
    Setting,
    Slug,
)

SCALES: Final[tuple[Scale, ...]] = get_args(Scale)
PAPER_FILE: Final = "paper.yaml"
SECTIONS: Final = ("base", "arms", "across", "factors", "metrics", "claims", "figures")


class Layer(Frozen, kw_only=True):
    """The part of a file that a scale may change; every key is optional in a scale."""

    base: Setting
    """The setting all arms share: the paper's own, before any scale."""
    arms: dict[Name, Setting]
    """By arm, the keys that are merged over the base; ``{}`` is the base itself."""
    across: dict[Name, Setting] = msgspec.field(default_factory=dict)
    """Further keys that each arm is crossed with: arm ``gan`` with ``mlp`` here is ``gan, mlp``."""
    factors: dict[Key, Factor] = msgspec.field(default_factory=dict)
    """Settings crossed with every arm."""
    metrics: dict[Key, Metric]
    """Numbers of a finished run, by name."""
    claims: dict[Key, Claim]
    """What is claimed of them, by name."""
    figures: dict[Key, Figure] = msgspec.field(default_factory=dict)
    """What is drawn, by name."""
    borrowed: dict[Name, Borrowed] = msgspec.field(default_factory=dict)
    """Arms that are another experiment's, by the name they have here: trained once for both. A scale may
    so replace an arm of this file by one that is trained alike, whatever is measured on the way.
    """


class Scales(Frozen):
    """What each scale changes; ``{}`` changes nothing and ``null`` removes a key."""

    smoke: Layer
    """Seconds: whether it runs at all. No verdicts."""
    desk: Layer
    """Minutes on two cores."""
    gpu: Layer
    """Up to an hour on a GPU."""
    paper: Layer
    """The paper's own setting: mostly ``{}``, since ``base`` is that."""


class File(Layer, kw_only=True):
    """An experiment: what is trained, measured, claimed and drawn."""

    id: Slug
    """The file's folder and name, with hyphens."""
    title: str
    """For people."""
    paper: Key
    """The ``id`` in paper.yaml of the same folder."""
    figure: str = ""
    """The figure of the paper that is reproduced."""
    tags: tuple[Key, ...] = ()
    """To choose experiments by, with ``--tag``."""
    notes: str = ""
    """What was chosen where sources differ, and what else the page should say."""
    scales: Scales
    """What each scale changes."""


def experiment_files(root: Path) -> list[Path]:
    """The experiments' ``<folder>/<name>.yaml`` below a folder, by name: no paper, nothing hidden, such as
    editors leave beside a file, and no pipe, which would keep a reader waiting.
    """
    every = sorted(root.glob("[!.]*/[!.]*.yaml"))
    return [path for path in every if path.name != PAPER_FILE and not _is_pipe(path)]


def _is_pipe(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()
