"""Critic surfaces as contours with the data on top, as in WGAN-GP's figure 1a."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from suite.data import toy
from suite.report.evidence import Array, Evidence
from suite.report.figures import style
from suite.report.figures.grid import grid, square_panels
from suite.spec.runs import Condition
from suite.spec.schema import Figure, Surface
from suite.store.record import Record
from suite.streams import stream

SURFACE = "surface.values"
LEVELS = 12
POINTS = 1000
ORANGE = style.looks(2)[1].color


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """Contours of the critic of the first seed: levels evenly spaced over each panel's range."""
    shape = grid(evidence, figure)
    drawing, panels = square_panels(shape)
    seeds = set()
    for axes_row, cells in zip(panels, shape.cells, strict=True):
        for axes, condition in zip(axes_row, cells, strict=True):
            record = _draw_panel(axes, evidence, condition)
            seeds |= {record.run.seed} if record else set()
    note = f"seed {', '.join(map(str, sorted(seeds)))}" if seeds else "no runs"
    told = f"Critic contours ({note}; dark low, light high, each panel by itself); orange: real data"
    style.legend(drawing, [], told)
    return drawing


def _draw_panel(axes: Axes, evidence: Evidence, condition: Condition | None) -> Record | None:
    found = next(evidence.arrays(evidence.finished(condition), SURFACE), None) if condition else None
    if condition is None or found is None:
        style.empty(axes, "nothing recorded" if condition and evidence.of(condition) else "no runs")
        return None
    record, surfaces = found
    extent = (record.run.setting.probes.surface or Surface()).extent
    _contours(axes, surfaces[-1], extent)
    data = toy.sample(condition.setting.data, stream("figure", "data"), POINTS)
    axes.scatter(data[:, 0], data[:, 1], s=1.2, color=ORANGE, linewidths=0, alpha=0.7, zorder=3)
    axes.set(xlim=(-extent, extent), ylim=(-extent, extent), aspect="equal")
    return record


def _contours(axes: Axes, surface: Array, extent: float) -> None:
    low, high = float(surface.min()), float(surface.max())
    if not low < high:
        axes.text(0.5, 0.9, "constant critic", transform=axes.transAxes, ha="center", color=style.GREY)
        return
    axis = np.linspace(-extent, extent, len(surface))
    levels = np.linspace(low, high, LEVELS + 2)[1:-1]
    axes.contour(axis, axis, surface, levels=levels, cmap="viridis", linewidths=0.7)
