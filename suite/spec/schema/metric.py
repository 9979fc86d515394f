"""A metric: one number of a finished run."""

from typing import Literal

from suite.spec.schema.frozen import Frozen
from suite.spec.schema.packs import Options, Use
from suite.spec.schema.words import Count, CountOrZero, SeriesName


class Metric(Frozen):
    """A number of a finished run: a probe's series, reduced over the iterations."""

    series: SeriesName
    """``probe.quantity``, for example ``gradient_norms.slope``."""
    reduce: Literal[
        "first",
        "last",
        "mean",
        "minimum",
        "maximum",
        "change",
        "rank_correlation",
        "time_to_90",
        "share_negative",
        "excursion",
        "slope",
        "deviation",
        "ratio",
        "setback",
        "time_to",
        "pack",
    ] = "last"
    """``change`` is last minus first, ``ratio`` last over first, and ``setback`` last over smallest;
    ``rank_correlation`` is Spearman's with the iteration, or with the series named in ``against``;
    ``time_to_90`` is the first iteration at 90 % of the way from the first value to the last;
    ``excursion`` is the largest distance from the median in units of the median absolute deviation;
    ``slope`` (per 1,000 iterations, least squares) and ``deviation`` (standard) are of the last
    ``window`` points; ``time_to`` is the first iteration, counted from ``after``, at ``level`` or
    above, infinite where there is none; ``pack`` is what the pack in ``use`` makes
    of the series."""
    window: Count = 1
    """How many of the last probe points ``last``, ``change``, ``ratio``, ``setback``, ``slope``,
    ``deviation`` and ``time_to_90`` use."""
    after: CountOrZero = 0
    """Only what was measured at this iteration or later counts."""
    level: float | None = None
    """Of ``time_to``: the value to be reached."""
    differences: bool = False
    """Of ``rank_correlation``: between changes from one probe point to the next, not values, so that
    two series that merely both fall are not taken for related."""
    transform: Literal["none", "log10"] = "none"
    """What is done to the number at the end."""
    against: SeriesName | None = None
    """Of ``rank_correlation``: the other series; the iteration where not given."""
    use: Use | None = None
    """Of ``pack``: whose reduction it is."""
    options: Options = {}
    """Of ``pack``."""
    unit: str = ""
    """For labels."""
    says: str = ""
    """What the number means, in a few words: axis labels and the page use it."""
