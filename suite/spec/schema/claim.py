"""A claim, and its controls."""

from typing import Literal

from msgspec import UNSET, UnsetType

from suite.spec.schema.frozen import Frozen
from suite.spec.schema.words import Count, FactorValue, Key, Name


class Control(Frozen):
    """The claim's own test on a case whose outcome is known beforehand."""

    expect: Literal["holds", "fails"]
    """``fails``: a null control, which must not pass. ``holds``: a positive control, which must."""
    metric: Key | UnsetType = UNSET
    """Replaces the claim's in this control."""
    arm: Name | UnsetType = UNSET
    """Replaces the claim's in this control."""
    versus: Name | UnsetType = UNSET
    """Replaces the claim's in this control."""
    where: dict[str, FactorValue] | UnsetType = UNSET
    """Replaces the claim's in this control."""
    says: str = ""
    """What the case is, in a few words, for the page."""


class Claim(Frozen, kw_only=True):
    """One sentence of a paper, and the rule, fixed before anything runs, that decides it.

    The criterion hash covers every field but the prose (``says``, ``source``, ``paper_value``,
    ``note``).
    """

    says: str
    """The claim in one sentence."""
    kind: Literal[
        "ordering", "threshold", "trend", "rate", "equivalence", "identity", "paired_rate", "best_of"
    ]
    """``paired_rate`` and ``best_of`` compare two arms over draws of settings (see ``Draws``), one run of
    each: how often only one of the two succeeds, and how good the best of ``tries`` draws is."""
    metric: Key
    """The number of a run that decides, one of ``metrics``."""
    better: Literal["higher", "lower"] | None = None
    """Which direction the claim asserts; every kind but equivalence and identity needs it."""
    arm: Name
    """The arm that the claim is about."""
    versus: Name | None = None
    """The arm compared with: an ordering needs it, an equivalence may have it."""
    where: dict[str, FactorValue] = {}
    """The factor levels of the runs that count, where the experiment has factors."""
    over: Key | None = None
    """The factor along which a trend's per-seed statistic is taken, or whose draws are compared."""
    statistic: Literal["rank_correlation", "slope", "log_slope", "log_log_slope", "ratio", "variation"] = (
        "rank_correlation"
    )
    """Of a trend, per seed: Spearman's correlation, least-squares slopes (``log_slope``: of the
    metric against log10 of the factor; ``log_log_slope``: both log10), last over first level,
    or the coefficient of variation."""
    margin: float = 0.0
    """The smallest effect that still counts: a difference, a level, a rate, or the half-width
    of the band of an equivalence or the tolerance of an identity."""
    target: float = 0.0
    """The centre of an equivalence's band; the value of an identity."""
    cut: float | None = None
    """Of a rate or ``paired_rate``: a run succeeds where its metric is beyond this value, on the ``success``
    side."""
    success: Literal["above", "below"] = "above"
    """Of a rate or ``paired_rate``: on which side of ``cut`` success lies."""
    tries: Count | None = None
    """Of ``best_of``: how many draws the best one is picked from."""
    looks: tuple[Count, ...] = (6, 12)
    """Seeds per arm at each look; where draws are compared, draws."""
    decided_from: Literal["desk", "gpu", "paper"] = "desk"
    """The smallest scale that can decide: at a smaller one the claim stays inconclusive, whatever
    its interval, because the setting there is known not to have what the claim is about."""
    controls: dict[str, Control] = {}
    """By name, the claim's own tests on cases whose outcome is known."""
    source: str = ""
    """Where the claim stands: section, figure, table."""
    paper_value: str = ""
    """The paper's number, as it is printed there; empty where it has none."""
    note: str = ""
    """What a reader of the verdict should know besides."""
