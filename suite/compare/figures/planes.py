"""What there is over the plane: contours of critics, and generated points. Of the first seed that
finished on both sides, a panel an arm and level.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from suite.compare.evidence import Both
from suite.compare.figures.panels import changed, hands, label, legend, panels
from suite.report.evidence import Array
from suite.report.figures.contours import SURFACE
from suite.report.figures.samples import LIMIT, SAMPLES
from suite.spec.schema import Figure, Surface
from suite.store.record import Record

LEVELS = 8
HIGH = 2.55


class Pictured(NamedTuple):
    """A panel's title, its run, and what that run recorded before and after."""

    title: str
    record: Record
    arrays: tuple[Array, Array]


def contours(both: Both, figure: Figure) -> Drawing | None:
    """Both critics at the same levels, evenly spaced over the range of both. Each is taken less its mean,
    which training leaves open.
    """
    return _draw(both, figure, SURFACE, _contours, "Contours of each critic less its mean")


def samples(both: Both, figure: Figure) -> Drawing | None:
    """Both generators' points of the same noise."""
    return _draw(both, figure, SAMPLES, _points, "Generated points")


def _draw(
    both: Both, figure: Figure, name: str, fill: Callable[[Axes, Pictured], None], note: str
) -> Drawing | None:
    found = list(_pictured(both, figure, name))
    if not found:
        return None
    drawing, all_ = panels([each.title for each in found], HIGH)
    for axes, each in zip(all_, found, strict=True):
        fill(axes, each)
        axes.set_aspect("equal")
    label(drawing, "x₁", "x₂")
    dots = name == SAMPLES
    legend(drawing, [hand.handle(line=not dots, marker=dots, hollow=dots) for hand in hands()], note)
    return drawing


def _pictured(both: Both, figure: Figure, name: str) -> Iterator[Pictured]:
    for group in changed(both, figure):
        for condition in (c for c in group.conditions if both.has_changed(c)):
            old = {r.run.seed: rows for r, rows in both.before.arrays(both.before.finished(condition), name)}
            found = both.after.arrays(both.after.finished(condition), name)
            pair = next(((r, rows) for r, rows in found if r.run.seed in old), None)
            if pair is not None:
                record, rows = pair
                arrays = old[record.run.seed][-1], rows[-1]
                yield Pictured(f"{group.label}, seed {record.run.seed}", record, arrays)


def _contours(axes: Axes, of: Pictured) -> None:
    extent = (of.record.run.setting.probes.surface or Surface()).extent
    surfaces = [surface - surface.mean() for surface in of.arrays]
    low, high = min(each.min() for each in surfaces), max(each.max() for each in surfaces)
    levels = np.linspace(low, high, LEVELS + 2)[1:-1]
    for hand, surface in zip(hands(), surfaces, strict=True):
        # matplotlib complains where no level is within the range.
        crossed = levels[(levels > surface.min()) & (levels < surface.max())]
        if len(crossed):
            axis = np.linspace(-extent, extent, len(surface))
            style: dict[str, Any] = {"colors": [hand.color], "linestyles": [hand.dash]}
            style |= {"linewidths": hand.width / 1.6, "zorder": hand.order}
            axes.contour(axis, axis, surface, levels=crossed, **style)
    axes.set(xlim=(-extent, extent), ylim=(-extent, extent))


def _points(axes: Axes, of: Pictured) -> None:
    for hand, points in zip(hands(), of.arrays, strict=True):
        look: dict[str, Any] = {"facecolors": "none", "edgecolors": [hand.color], "linewidths": 0.4}
        axes.scatter(points[:, 0], points[:, 1], s=4, marker=hand.marker, zorder=hand.order, **look)
    axes.set(xlim=(-LIMIT, LIMIT), ylim=(-LIMIT, LIMIT))
