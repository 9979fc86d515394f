"""What the files hold: an experiment with its factors and borrowed arms, and a paper."""

from typing import Annotated

from msgspec import Meta

from suite.spec.schema.claim import Claim
from suite.spec.schema.draws import Draws
from suite.spec.schema.figure import Figure
from suite.spec.schema.frozen import Frozen
from suite.spec.schema.metric import Metric
from suite.spec.schema.setting import Setting
from suite.spec.schema.words import FactorValue, Key, Name, SettingPath, Slug


class Factor(Frozen):
    """A setting that is crossed with every arm, or several that are drawn together."""

    at: SettingPath | None = None
    """The dotted path of the setting, for example ``data.theta``."""
    values: Annotated[tuple[FactorValue, ...], Meta(min_length=1)] | None = None
    """Its levels."""
    draws: Draws | None = None
    """In the place of both: settings drawn at random, whose levels are 1, 2 and so on."""
    label: str = ""
    """The factor's axis label."""

    @property
    def levels(self) -> tuple[FactorValue, ...]:
        """The values, or the numbers of the draws."""
        if self.draws is not None:
            return tuple(float(number) for number in range(1, self.draws.count + 1))
        return self.values or ()


class Borrowed(Frozen):
    """An arm of another experiment: its setting and its runs, trained once for both."""

    experiment: Slug
    """The ``id`` of the experiment that trains the arm."""
    arm: Name
    """Its name there."""


class Paper(Frozen):
    """``paper.yaml`` of a folder: what its experiments reproduce."""

    id: Key
    """What experiments name it by in ``paper``."""
    title: str
    """As printed."""
    authors: str
    """With commas."""
    year: int
    """Of publication."""
    venue: str
    """Conference, journal, or arXiv."""
    url: str
    """Where it can be read."""
    bibtex: str
    """The entry to cite it by."""
    notes: str = ""
    """Prose for the page, such as whose numbering of figures is meant."""


class Experiment(Frozen, kw_only=True):
    """One resolved experiment: its file at one scale, with the overrides applied."""

    id: Slug
    title: str
    paper: Key
    figure: str = ""
    """Where in the paper it comes from: a figure, a table, a section."""
    tags: tuple[Key, ...] = ()
    notes: str = ""
    arms: dict[Name, Setting]
    """Each arm's whole setting: the base with the arm's own keys merged in."""
    borrowed: dict[Name, Borrowed] = {}
    """Arms that are another experiment's, by the name they have here."""
    factors: dict[Key, Factor] = {}
    metrics: dict[Key, Metric]
    claims: dict[Key, Claim]
    figures: dict[Key, Figure] = {}
