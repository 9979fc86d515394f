"""Generated points over real ones."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from suite.data import toy
from suite.report.evidence import Array, Evidence
from suite.report.figures import style
from suite.report.figures.grid import grid, square_panels
from suite.spec.runs import Condition
from suite.spec.schema import Figure
from suite.streams import stream

SAMPLES = "quality.samples"
LOOK = style.looks(1)[0]
POINTS = 1000
LIMIT = 2.0
"""Of both coordinates: what lies outside is counted in a corner, not drawn."""


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """The last samples of each panel's first finished seed, real data in grey behind."""
    shape = grid(evidence, figure)
    drawing, panels = square_panels(shape)
    for axes_row, cells in zip(panels, shape.cells, strict=True):
        for axes, condition in zip(axes_row, cells, strict=True):
            _draw_panel(axes, evidence, condition)
    style.legend(drawing, [_dot(style.GREY, "real"), _dot(LOOK.color, "generated (first finished seed)")])
    return drawing


def _draw_panel(axes: Axes, evidence: Evidence, condition: Condition | None) -> None:
    found = next(evidence.arrays(evidence.finished(condition), SAMPLES), None) if condition else None
    if condition is None or found is None:
        style.empty(axes, "nothing recorded" if condition and evidence.of(condition) else "no runs")
        return
    real = toy.sample(condition.setting.data, stream("figure", "data"), POINTS)
    fake = found[1][-1]
    axes.scatter(real[:, 0], real[:, 1], s=2, color="0.65", linewidths=0)
    axes.scatter(fake[:, 0], fake[:, 1], s=2, color=LOOK.color, linewidths=0, alpha=0.7)
    axes.set(xlim=(-LIMIT, LIMIT), ylim=(-LIMIT, LIMIT), aspect="equal")
    _note_outside(axes, fake)


def _note_outside(axes: Axes, fake: Array) -> None:
    outside = int(np.sum(~(np.abs(fake) <= LIMIT).all(axis=1)))
    if outside:
        text = f"{outside} of {len(fake)} outside"
        box = {"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 1.0}
        axes.text(0.98, 0.03, text, transform=axes.transAxes, ha="right", va="bottom", fontsize=6, bbox=box)


def _dot(color: Any, label: str) -> Line2D:
    return Line2D([], [], color=color, marker="o", linestyle="", markersize=3, label=label)
