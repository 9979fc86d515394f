"""Scales, reference lines and marks that several families share."""

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from suite.report.figures.style import GREY, Look, plain
from suite.spec.schema import Figure

WRAP = 42
_REFERENCE_DASHES = ((0, (4, 2)), (0, (1, 1.5)), (0, (6, 1.5, 1, 1.5)))
Values = NDArray[np.float64]


def set_scale(axes: Axes, axis: str, scale: str, values: Values) -> None:
    """Scale the ``x`` or ``y`` axis; symlog is linear below the smallest size that occurs."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    options = {"linthresh": float(sizes.min()) if sizes.size else 1.0} if scale == "symlog" else {}
    (axes.set_xscale if axis == "x" else axes.set_yscale)(scale, **options)


def set_labels(axes: Axes, x: str, y: str) -> None:
    """Label both axes, in several lines where the text is long."""
    axes.set_xlabel(plain(textwrap.fill(x, WRAP)))
    axes.set_ylabel(plain(textwrap.fill(y, WRAP - 8)))


def references(axes: Axes, figure: Figure, vertical: bool = False) -> list[Line2D]:
    """Draw the figure's reference lines; the handles of their legend."""
    handles = []
    for index, (name, value) in enumerate(figure.reference.items()):
        dash = _REFERENCE_DASHES[index % len(_REFERENCE_DASHES)]
        line = axes.axvline if vertical else axes.axhline
        line(value, color=GREY, linestyle=dash, linewidth=0.9, zorder=1)
        handles.append(Line2D([], [], color=GREY, linestyle=dash, linewidth=0.9, label=plain(name)))
    return handles


def handle(look: Look, label: str, marker: bool = False) -> Line2D:
    """A legend's entry for a look."""
    return Line2D(
        [],
        [],
        color=look.color,
        linestyle=look.dash,
        linewidth=1.4,
        marker=look.marker if marker else "",
        markersize=4,
        label=plain(textwrap.fill(label, WRAP)),
    )


def cross() -> Line2D:
    """A legend's entry for diverged runs."""
    return Line2D([], [], color=GREY, marker="x", linestyle="", markersize=5, label="diverged run")
