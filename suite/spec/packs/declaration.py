"""``pack.yaml``: what a pack brings, and where its code is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import Meta

from suite.errors import UserError
from suite.spec.explain import explain
from suite.spec.merge import plain
from suite.spec.nodes import MAX_BYTES, parse
from suite.spec.places import fail
from suite.spec.schema import (
    ConvCritic,
    ConvGenerator,
    Count,
    CountOrZero,
    Frozen,
    Key,
    MLPCritic,
    MLPGenerator,
    TextCritic,
    TextGenerator,
)

FILE: Final = "pack.yaml"

Section = Literal[
    "data", "images", "generators", "critics", "losses", "constraints", "probes", "metrics", "figures"
]
SECTIONS: Final[tuple[Section, ...]] = get_args(Section)
NOUNS: Final[Mapping[Section, str]] = {
    "data": "data set",
    "images": "set of images",
    "generators": "generator",
    "critics": "critic",
    "losses": "loss",
    "constraints": "constraint",
    "probes": "probe",
    "metrics": "metric",
    "figures": "figure",
}
"""What one thing of a section is called."""

PackName = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=40,
        description="a name of at most 40 lower-case letters, digits and single hyphens",
    ),
]
Address = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$",
        description="module:function of the pack, for example constraints:orthonormal",
    ),
]
Subfolder = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$", description="the name of a folder of the pack")
]

Default = int | float | bool | str | tuple[float, ...]


class Brought(Frozen):
    """One thing that a pack brings."""

    at: Address
    """The module of the pack and what in it is called, with the options as keywords."""
    says: str = ""
    """What it is, in a few words."""
    options: dict[Key, Default] = {}
    """Every option it takes, and what it is where a file does not say. Where that is a whole number,
    only whole numbers are legal."""


class BroughtData(Brought):
    """A distribution of points."""

    dimension: Count = 2
    """Coordinates of a point."""


class BroughtImages(Brought, kw_only=True):
    """Images, with labels or without."""

    shape: tuple[Count, Count, Count]
    """Height, width and channels."""
    classes: CountOrZero = 0
    """How many there are labels of; 0 where there are none."""


class BroughtGenerator(Brought):
    """A generator."""

    like: MLPGenerator | ConvGenerator | TextGenerator | None = None
    """A network of the suite's that takes about as long. Options with the names of its keys, and ``latent``,
    take the place of what is given there."""


class BroughtCritic(Brought):
    """A critic."""

    like: MLPCritic | ConvCritic | TextCritic | None = None
    """As of a generator."""


class BroughtProbe(Brought):
    """A probe and what it measures."""

    quantities: dict[Key, str] = {}
    """What metrics and figures may refer to: each number a run, and what it means."""


class Declaration(Frozen, kw_only=True):
    """The content of a ``pack.yaml``."""

    pack: PackName
    title: str = ""
    experiments: Subfolder = "experiments"
    """The folder of experiments, <paper>/<name>.yaml in it; there need not be one."""
    data: dict[Key, BroughtData] = {}
    images: dict[Key, BroughtImages] = {}
    generators: dict[Key, BroughtGenerator] = {}
    critics: dict[Key, BroughtCritic] = {}
    losses: dict[Key, Brought] = {}
    constraints: dict[Key, Brought] = {}
    probes: dict[Key, BroughtProbe] = {}
    metrics: dict[Key, Brought] = {}
    figures: dict[Key, Brought] = {}

    def section(self, name: Section) -> Mapping[str, Brought]:
        """What it brings of one kind, by name."""
        found: Mapping[str, Brought] = getattr(self, name)
        return found


def read(folder: Path) -> Declaration:
    """The declaration in a folder; UserError with every mistake and its place."""
    path = folder / FILE
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(
            f"{path.as_posix()}: cannot be read: {error.strerror}\n"
            f"    a pack is a folder with a {FILE}; to start one: run_suite.py new PAPER/NAME --pack FOLDER"
        ) from None
    tree = parse(content, path.as_posix())
    try:
        return msgspec.convert(plain(tree), Declaration)
    except msgspec.ValidationError as error:
        problems = list(explain(tree, Declaration))
        if problems:
            fail(problems)
        raise UserError(f"{path.as_posix()}: {error}") from None
