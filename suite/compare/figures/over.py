"""A metric against a factor, a panel an arm and metric."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from suite.compare.evidence import Both
from suite.compare.figures.panels import Hand, changed, label, legend, panels, sides, space_ticks
from suite.report import words
from suite.report.evidence import Array
from suite.report.figures import axes as on
from suite.report.figures import labels
from suite.report.figures.groups import Group
from suite.report.figures.over import are_names, by_level, gapped, jump_of, levels_of, set_axes
from suite.spec.schema import FactorValue, Figure

BESIDE = 0.13
"""How far from a level's name the two sides stand."""


class Panel(NamedTuple):
    """An arm and a metric, with each side's seeds at each level."""

    title: str
    metric: str
    tables: tuple[list[Array], list[Array]]

    @property
    def values(self) -> Array:
        """All numbers, NaN for a diverged run."""
        return np.concatenate([*self.tables[0], *self.tables[1]])


def draw(both: Both, figure: Figure) -> Drawing | None:
    """Medians over seeds and every seed; diverged runs are crosses at the top."""
    found = [panel for panel in _panels(both, figure) if np.isfinite(panel.values).any()]
    if not found:
        return None
    drawing, all_ = panels([panel.title for panel in found])
    levels, references = levels_of(both.after, figure), list[Line2D]()
    for axes, panel in zip(all_, found, strict=True):
        set_axes(axes, figure, levels, panel.values)
        for turn, (hand, _), table in zip((-1, 1), sides(both), panel.tables, strict=True):
            jump = jump_of(figure, levels, panel.metric)
            _draw(axes, hand, _places(levels, turn), table, are_names(levels), jump)
        references = on.references(axes, figure)
        space_ticks(axes)
    experiment = both.study.experiment
    what = "" if figure.also else labels.of_metric(experiment, figure)
    label(drawing, labels.of_factor(experiment, figure), what)
    lost = any(np.isnan(panel.values).any() for panel in found)
    named = [hand.handle(line=not are_names(levels), marker=True, hollow=True) for hand, _ in sides(both)]
    legend(drawing, [*named, *references, *([on.cross()] if lost else [])])
    return drawing


def _panels(both: Both, figure: Figure) -> list[Panel]:
    """Each arm with the figure's metric, and the first arm with those beside it."""
    members = changed(both, figure, along=figure.x)
    metrics = both.study.experiment.metrics
    cells = [(group, figure.y or "", group.label) for group in members]
    if figure.also:
        cells = [(g, name, f"{g.label}: {words.meaning(name, metrics[name])}") for g, name, _ in cells]
        first = members[:1]
        cells += [(g, n, f"{g.label}: {words.meaning(n, metrics[n])}") for g in first for n in figure.also]
    return [Panel(title, name, _tables(both, figure, group, name)) for group, name, title in cells]


def _tables(both: Both, figure: Figure, group: Group, metric: str) -> tuple[list[Array], list[Array]]:
    return by_level(both.before, figure, group, metric), by_level(both.after, figure, group, metric)


def _places(levels: Sequence[FactorValue], turn: int) -> Array:
    """The levels themselves, or a little left and right of their names."""
    if are_names(levels):
        return np.arange(len(levels), dtype=np.float64) + turn * BESIDE
    return np.array(levels, dtype=np.float64)


def _draw(
    axes: Axes, hand: Hand, places: Array, table: Sequence[Array], named: bool, jump: int | None
) -> None:
    kept = [values[np.isfinite(values)] for values in table]
    middle = [np.median(values) if values.size else np.nan for values in kept]
    line: dict[str, Any] = (
        {"marker": "_", "markersize": 12, "linestyle": ""} if named else {"linestyle": hand.dash}
    )
    joined = gapped(places, middle, jump)
    axes.plot(*joined, color=hand.color, linewidth=hand.width, zorder=hand.order, **line)
    for place, values, finite in zip(places, table, kept, strict=True):
        at = np.full(finite.size, place)
        look: dict[str, Any] = {"facecolors": "none", "edgecolors": [hand.color], "linewidths": 0.7}
        axes.scatter(at, finite, s=10, marker=hand.marker, zorder=hand.order, **look)
        if len(finite) < len(values):
            top = axes.get_xaxis_transform()
            axes.plot([place], [0.98], "x", color=hand.color, markersize=4, transform=top)
