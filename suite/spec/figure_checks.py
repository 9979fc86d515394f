"""Whether a figure can be drawn of what its experiment has."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from suite.spec.claim_checks import Fault, Scope, level_faults, unknown, unknown_series, where_faults
from suite.spec.schema import Figure, PackData, PackImages
from suite.spec.sizes import dimension

OF_DRAWS: Final = ("pairs", "best_of")
"""Kinds of figures of which each point is a draw."""
OF_METRICS: Final = ("over", "seeds", "curves", *OF_DRAWS)
"""Kinds of figures that need to know what they draw."""
DIMENSIONS: Final[Mapping[str, int]] = MappingProxyType({"profiles": 1, "contours": 2, "samples": 2})
"""What kinds of figures ask of the data."""


def drawing_faults(figure: Figure, scope: Scope) -> Iterator[Fault]:
    """All that keeps a figure from being drawn."""
    for arm in figure.arms:
        yield from unknown("arms", arm, scope.arms, "arms")
    yield from unknown("x", figure.x, scope.factors, "factors")
    yield from where_faults(figure.where, scope)
    if figure.kind == "over" and figure.x is None:
        yield Fault("kind", "a figure of kind over needs 'x'", "add x: the factor along the axis")
    if figure.kind == "pairs" and len(figure.arms) != 2:
        yield Fault("arms", "a figure of kind pairs needs two arms", "add arms: [one, the other]")
    if figure.kind in OF_DRAWS and not _has_draws(scope):
        text = f"a figure of kind {figure.kind} shows draws, and no factor has any"
        yield Fault("kind", text, "choose another kind, for example seeds, or add a factor with draws")
    for metric, level in figure.jumps.items():
        yield from _jump_faults(figure, metric, level, scope)
    yield from _drawn(figure, scope)
    yield from _in_as_many_dimensions(figure, scope)


def _has_draws(scope: Scope) -> bool:
    """Whether a factor has draws, or is faulty, so that others tell of it."""
    factors = scope.experiment.factors
    return not scope.factors <= factors.keys() or any(factor.draws for factor in factors.values())


def _jump_faults(figure: Figure, metric: str, level: float, scope: Scope) -> Iterator[Fault]:
    yield from unknown("jumps", metric, (figure.y or "", *figure.also), "metrics of the figure")
    yield from level_faults("jumps", figure.x or "", level, scope)


def _drawn(figure: Figure, scope: Scope) -> Iterator[Fault]:
    if figure.kind in OF_METRICS and figure.y is None:
        what = "the series" if figure.kind == "curves" else "the metric"
        yield Fault("kind", f"a figure of kind {figure.kind} needs 'y'", f"add y: {what} it draws")
    elif figure.kind in (*OF_METRICS, "sheets") and figure.kind != "curves":
        for name in (figure.y, *figure.also):
            yield from unknown("y" if name == figure.y else "also", name, scope.metrics, "metrics")
    elif figure.kind in ("curves", "layers") and figure.y is not None:
        yield from unknown_series("y", figure.y)


def _in_as_many_dimensions(figure: Figure, scope: Scope) -> Iterator[Fault]:
    wanted = DIMENSIONS.get(figure.kind)
    for arm in figure.arms or scope.experiment.arms:
        setting = scope.experiment.arms.get(arm)
        # Others tell of arms that are not there, and what a pack brings may not be here.
        if wanted is None or setting is None or isinstance(setting.data, PackData | PackImages):
            continue
        if (found := dimension(setting.data)) != wanted:
            text = f"a figure of kind {figure.kind} draws data of dimension {wanted}, arm {arm!r} has {found}"
            yield Fault("kind", text, "choose another kind, or other arms")
            return
