"""A series against the iteration, a panel an arm."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from suite.compare.evidence import Both
from suite.compare.figures.panels import FAINT, Hand, changed, label, legend, panels, sides, space_ticks
from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import labels
from suite.report.figures.curves import LABELS, MOST_POINTS, Curve, averaged, seconds, table
from suite.report.figures.groups import Group
from suite.series import Series
from suite.spec.schema import Figure
from suite.store.record import Record

Runs = list[tuple[Record, Series]]


def draw(both: Both, figure: Figure) -> Drawing | None:
    """Medians over seeds, with bands from the least to the greatest; a diverged run ends in a cross."""
    members = changed(both, figure)
    found = {group.label: [_runs(of, figure, group) for _, of in sides(both)] for group in members}
    members = [group for group in members if any(found[group.label])]
    if not members:
        return None
    drawing, all_ = panels([group.label for group in members])
    lost, references = False, list[Line2D]()
    for axes, group in zip(all_, members, strict=True):
        runs = found[group.label]
        step = _window([*runs[0], *runs[1]])
        for (hand, _), mine in zip(sides(both), runs, strict=True):
            curves = [_curve(record, each, figure, step) for record, each in mine]
            lost |= _draw(axes, hand, curves, figure.against)
        on.set_scale(axes, "x", figure.x_scale, _along(runs, figure))
        on.set_scale(axes, "y", figure.y_scale, np.concatenate([s.values for mine in runs for _, s in mine]))
        references = on.references(axes, figure)
        space_ticks(axes)
    label(drawing, figure.x_label or LABELS[figure.against], labels.of_series(figure))
    crosses = [on.cross()] if lost else []
    legend(drawing, [*(hand.handle() for hand, _ in sides(both)), *references, *crosses])
    return drawing


def _runs(evidence: Evidence, figure: Figure, group: Group) -> Runs:
    records = [record for condition in group.conditions for record in evidence.of(condition)]
    pairs = [(record, evidence.series(record).get(figure.y or "")) for record in records]
    return [(record, series) for record, series in pairs if series is not None and len(series.values)]


def _window(runs: Runs) -> int:
    """Over how many points to average, so that no line has more than it can show."""
    return -(-max(len(series.values) for _, series in runs) // MOST_POINTS)


def _curve(record: Record, series: Series, figure: Figure, step: int) -> Curve:
    seen = averaged(series, step)
    return Curve(_places(record, seen, figure), seen.values, record.outcome.state == "diverged")


def _places(record: Record, series: Series, figure: Figure) -> Array:
    if figure.against == "seconds":
        return seconds(record, series)
    return series.iterations.astype(np.float64)


def _along(runs: Sequence[Runs], figure: Figure) -> Array:
    return np.concatenate([_places(record, series, figure) for mine in runs for record, series in mine])


def _draw(axes: Axes, hand: Hand, curves: Sequence[Curve], against: str) -> bool:
    """Draw one side's curves; whether any diverged."""
    lost = [curve for curve in curves if curve.diverged]
    kept = [curve for curve in curves if not curve.diverged]
    x, values = table(kept, against)
    if len(x):
        low, high = values.min(axis=0), values.max(axis=0)
        axes.fill_between(x, low, high, color=hand.color, alpha=FAINT, linewidth=0)
        middle = np.median(values, axis=0)
        axes.plot(x, middle, color=hand.color, linestyle=hand.dash, linewidth=hand.width, zorder=hand.order)
    for curve in lost:
        axes.plot(curve.x, curve.y, color=hand.color, linestyle=hand.dash, linewidth=0.5, alpha=0.6)
        axes.plot(curve.x[-1:], curve.y[-1:], "x", color=hand.color, markersize=5, zorder=4)
    return bool(lost)
