"""A figure: which records are drawn, and how."""

from typing import Literal

from suite.spec.schema.frozen import Frozen
from suite.spec.schema.packs import Options, Use
from suite.spec.schema.words import FactorValue, Key, Name


class Figure(Frozen, kw_only=True):
    """A drawing of an experiment's records."""

    kind: Literal[
        "layers",
        "histograms",
        "contours",
        "profiles",
        "over",
        "curves",
        "seeds",
        "samples",
        "sheets",
        "pairs",
        "best_of",
        "truncation",
        "spectra",
        "pack",
    ]
    """``layers``: a series by layer; ``histograms``: of weights; ``contours``: critic surfaces;
    ``profiles``: critics in one dimension; ``over``: a metric against a factor; ``curves``: a
    series against the iteration; ``seeds``: a metric by arm, every seed; ``samples``: points;
    ``sheets``: generated images, with the metric ``y`` beside each; ``pairs``: a metric of two arms
    against each other, every draw a dot; ``best_of``: the expected best of several draws;
    ``truncation``: the first arm's variety and fidelity by the threshold; ``spectra``: the first
    arm's largest singular value of every layer; ``pack``: what the pack in ``use`` draws."""
    title: str
    """Above the figure."""
    y: str | None = None
    """The metric drawn (``over``, ``seeds``, ``pairs``, ``best_of``, beside ``sheets``) or the series
    (``curves``)."""
    also: tuple[Key, ...] = ()
    """Of ``over``: further metrics of the first arm, drawn as broken lines beside ``y``, for example
    what is exact beside what was learned."""
    jumps: dict[Key, float] = {}
    """Of ``over``: metrics that jump at a level of ``x``, where their lines are not joined."""
    x: Key | None = None
    """The factor along the axis (``over``) or across the panels (``contours``, ``samples``, ``sheets``)."""
    arms: tuple[Name, ...] = ()
    """The arms drawn, all where empty."""
    where: dict[str, FactorValue] = {}
    """The factor levels that are drawn."""
    x_label: str = ""
    """Of the horizontal axis; the metric's or factor's own where empty."""
    y_label: str = ""
    """Of the vertical axis; the metric's own where empty."""
    x_scale: Literal["linear", "log", "symlog"] = "linear"
    """Of the horizontal axis."""
    y_scale: Literal["linear", "log", "symlog"] = "linear"
    """Of the vertical axis."""
    against: Literal["iteration", "seconds"] = "iteration"
    """Of ``curves``: what the horizontal axis counts; seconds are a run's share of its batch's time."""
    reference: dict[str, float] = {}
    """Horizontal lines, by label: an exact value, a floor."""
    use: Use | None = None
    """Of ``pack``: whose figure it is."""
    options: Options = {}
    """Of ``pack``."""
