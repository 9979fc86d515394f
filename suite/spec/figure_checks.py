"""Whether a figure can be drawn of what its experiment has."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from suite.spec.claim_checks import (
    Fault,
    Scope,
    add_probe,
    has_probe,
    level_faults,
    probes_of,
    unknown,
    unknown_series,
    unused,
    where_faults,
)
from suite.spec.schema import Figure, PackData, PackImages, Setting
from suite.spec.sizes import dimension

OF_DRAWS: Final = ("pairs", "best_of")
"""Kinds of figures of which each point is a draw."""
OF_METRICS: Final = ("over", "seeds", "curves", *OF_DRAWS)
"""Kinds of figures that need to know what they draw."""
DIMENSIONS: Final[Mapping[str, int]] = MappingProxyType({"profiles": 1, "contours": 2, "samples": 2})
"""What kinds of figures ask of the data."""

LABELLED: Final = ("layers", "histograms", "profiles", "over", "curves", "seeds", "best_of")
"""Kinds of figures whose axes have the labels that a file gives."""
USED_BY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "y": (*OF_METRICS, "sheets"),
        "also": ("over",),
        "jumps": ("over",),
        "x": ("over", "contours", "samples", "sheets"),
        "x_label": LABELLED,
        "y_label": (*LABELLED, "sheets", "pairs"),
        "x_scale": ("over", "curves"),
        "y_scale": ("over", "curves", "seeds", "pairs", "histograms"),
        "against": ("curves",),
        "reference": ("over", "curves", "seeds", "best_of"),
    }
)
"""The kinds of figures that go by a field; what a pack draws may go by any."""
PROBES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "layers": "gradient_norms",
        "histograms": "weight_histogram",
        "contours": "surface",
        "profiles": "surface",
        "samples": "quality",
        "sheets": "sheet",
        "truncation": "truncation",
        "spectra": "spectrum",
    }
)
"""What kinds of figures are drawn from, whatever metric they name."""
OF_FIRST: Final = ("truncation", "spectra")
"""Kinds of figures of which the first arm alone is drawn."""


def drawing_faults(figure: Figure, scope: Scope) -> Iterator[Fault]:
    """All that keeps a figure from being drawn as it is written."""
    if figure.kind != "pack":
        yield from unused(figure, "kind", USED_BY)
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
    yield from _missing_probes(figure, scope)
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
    elif figure.kind == "curves" and figure.y is not None:
        yield from unknown_series("y", figure.y)


def _missing_probes(figure: Figure, scope: Scope) -> Iterator[Fault]:
    """Of a figure that would be empty, since no arm in it is measured so."""
    settings = _settings(figure, scope)
    for field, probe in _probes(figure, scope):
        if settings and not any(has_probe(setting, probe) for setting in settings):
            text = f"a figure of kind {figure.kind} needs the probe {probe}, which is off in every arm of it"
            yield Fault(field, text, add_probe(probe))


def _settings(figure: Figure, scope: Scope) -> list[Setting]:
    """Of the arms that are drawn; none where one of them is faulty or not there, of which others tell."""
    known = scope.experiment.arms
    if not known.keys() >= set(figure.arms or scope.arms):
        return []
    arms = figure.arms or tuple(known)
    return [known[arm] for arm in (arms[:1] if figure.kind in OF_FIRST else arms)]


def _probes(figure: Figure, scope: Scope) -> Iterator[tuple[str, str]]:
    """The probes that a figure is drawn from, each behind the field that names it."""
    if figure.kind in PROBES:
        yield "kind", PROBES[figure.kind]
    if figure.kind == "curves" and figure.y is not None:
        yield "y", figure.y.split(".")[0]
    for field, name in (("y", figure.y), *(("also", name) for name in figure.also)):
        metric = scope.experiment.metrics.get(name or "")
        if metric is not None:
            yield from ((field, probe) for probe in probes_of(metric))


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
