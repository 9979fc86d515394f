"""A series against the iteration, a panel an arm."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from suite.compare.evidence import Both
from suite.compare.figures.panels import Hand, changed, label, legend, panels, sides, space_ticks
from suite.report.figures import axes as on
from suite.report.figures import labels
from suite.report.figures.curves import (
    LABELS,
    MOST_POINTS,
    Curve,
    curves_of,
    runs_of,
    set_scales,
    table,
    window,
)
from suite.spec.schema import Figure


def draw(both: Both, figure: Figure) -> Drawing | None:
    """Medians over seeds, with bands from the least to the greatest; a diverged run ends in a cross."""
    members = changed(both, figure)
    found = {group.label: [runs_of(of, figure, group) for _, of in sides(both)] for group in members}
    members = [group for group in members if any(found[group.label])]
    if not members:
        return None
    drawing, all_ = panels([group.label for group in members])
    lost, references = False, list[Line2D]()
    for axes, group in zip(all_, members, strict=True):
        runs = found[group.label]
        step = window(runs, MOST_POINTS)
        for (hand, _), mine in zip(sides(both), runs, strict=True):
            lost |= _draw(axes, hand, curves_of(figure, mine, step), figure.against)
        set_scales(axes, figure, runs)
        references = on.references(axes, figure)
        space_ticks(axes)
    label(drawing, figure.x_label or LABELS[figure.against], labels.of_series(figure))
    crosses = [on.cross()] if lost else []
    legend(drawing, [*(hand.handle() for hand, _ in sides(both)), *references, *crosses])
    return drawing


def _draw(axes: Axes, hand: Hand, curves: Sequence[Curve], against: str) -> bool:
    """Draw one side's curves; whether any diverged."""
    lost = [curve for curve in curves if curve.diverged]
    kept = [curve for curve in curves if not curve.diverged]
    x, values = table(kept, against)
    if len(x):
        hand.median(axes, x, values)
    for curve in lost:
        axes.plot(curve.x, curve.y, color=hand.color, linestyle=hand.dash, linewidth=0.5, alpha=0.6)
        axes.plot(curve.x[-1:], curve.y[-1:], "x", color=hand.color, markersize=5, zorder=4)
    return bool(lost)
