"""Gradient norms by critic layer, as in WGAN-GP's figure 1b, left."""

from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import style
from suite.report.figures.groups import Group, finished, groups, names, note, nothing
from suite.spec.schema import Figure

SERIES = "gradient_norms.by_layer"
START: Final[dict[str, Any]] = {"color": "black", "linestyle": "--", "linewidth": 0.8, "zorder": 3}
"""In front, since an arm that training leaves as it was ends on its own beginning."""


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """log10 of the norm against the layer, the output at the left: the median over seeds, every
    seed thin, and dashed, in front, each arm's median before the first step.
    """
    drawing, axes = style.single()
    members = groups(evidence, figure)
    drawn = [_draw_group(axes, evidence, group) for group in members]
    named = zip(members, names(evidence, members), strict=True)
    handles = [on.handle(group.look._replace(dash="-"), name, marker=True) for group, name in named]
    if any(drawn):
        _set_axes(axes, figure)
        start = Line2D([], [], label="before training", **START)
        style.legend(drawing, [*handles, start], f"Median and each of {note(evidence, members)}")
    else:
        style.empty(axes, nothing(evidence, members))
    return drawing


def _set_axes(axes: Axes, figure: Figure) -> None:
    axes.invert_xaxis()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    x_label = figure.x_label or "Critic layer (output → input)"
    on.set_labels(axes, x_label, figure.y_label or "Gradient norm (log₁₀)")


def _draw_group(axes: Axes, evidence: Evidence, group: Group) -> bool:
    found = [rows for _, rows in evidence.arrays(finished(evidence, group), SERIES)]
    if not found:
        return False
    first, last = (logarithms(np.stack([rows[i] for rows in found])) for i in (0, -1))
    layer = np.arange(1, last.shape[1] + 1)
    axes.plot(layer, last.T, color=group.look.color, linewidth=0.5, alpha=0.5)
    axes.plot(layer, np.median(first, axis=0), **START)
    axes.plot(
        layer,
        np.median(last, axis=0),
        color=group.look.color,
        linewidth=1.4,
        marker=group.look.marker,
        markersize=3.5,
    )
    return True


def logarithms(norms: Array) -> Array:
    """log10; NaN, a gap in the line, where a norm was too small for the array's float32."""
    with np.errstate(divide="ignore"):
        logs = np.log10(norms)
    return np.where(np.isfinite(logs), logs, np.nan)
