"""What runs record as arrays of one axis: norms by layer, histograms of weights, critics over a line."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import MaxNLocator

from suite.compare.evidence import Both
from suite.compare.figures.panels import changed, label, legend, panels, sides
from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures.groups import Group, finished
from suite.report.figures.histograms import densities
from suite.report.figures.layers import SERIES, logarithms
from suite.report.figures.profiles import critics
from suite.spec.schema import Figure

Lines = tuple[Array, Array]
"""Where, [points], and each seed's values there, [seeds, points]."""
Reader = Callable[[Evidence, Figure, Group], Lines | None]


def layers(both: Both, figure: Figure) -> Drawing | None:
    """log10 of the gradient's norm against the critic's layer, the output at the left."""
    drawing = _draw(both, figure, _norms)
    if drawing is not None:
        for axes in _used(drawing):
            axes.invert_xaxis()
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        label(
            drawing,
            figure.x_label or "Critic layer (output → input)",
            figure.y_label or "Gradient norm (log₁₀)",
        )
    return drawing


def histograms(both: Both, figure: Figure) -> Drawing | None:
    """Densities of the critic's hidden weights."""
    drawing = _draw(both, figure, _densities)
    if drawing is not None:
        for axes in _used(drawing):
            heights = np.concatenate([np.asarray(line.get_ydata()) for line in axes.lines])
            on.set_scale(axes, "y", figure.y_scale, heights)
        label(drawing, figure.x_label or "Weight", figure.y_label or "Density")
    return drawing


def profiles(both: Both, figure: Figure) -> Drawing | None:
    """Critics of one-dimensional data."""
    drawing = _draw(both, figure, _profiles)
    if drawing is not None:
        label(drawing, figure.x_label or "x", figure.y_label or "Output (critics: scaled to [0, 1])")
    return drawing


def _draw(both: Both, figure: Figure, read: Reader) -> Drawing | None:
    """Medians over seeds, with bands from the least to the greatest, a panel an arm."""
    found = [(group, [read(of, figure, group) for _, of in sides(both)]) for group in changed(both, figure)]
    found = [(group, lines) for group, lines in found if any(each is not None for each in lines)]
    if not found:
        return None
    drawing, all_ = panels([group.label for group, _ in found])
    for axes, (_, lines) in zip(all_, found, strict=True):
        for (hand, _), each in zip(sides(both), lines, strict=True):
            if each is not None:
                hand.median(axes, *each)
    legend(drawing, [hand.handle() for hand, _ in sides(both)])
    return drawing


def _used(drawing: Drawing) -> list[Axes]:
    return [axes for axes in drawing.axes if axes.axison]


def _norms(evidence: Evidence, figure: Figure, group: Group) -> Lines | None:
    rows = [rows[-1] for _, rows in evidence.arrays(finished(evidence, group), figure.y or SERIES)]
    if not rows:
        return None
    norms = logarithms(np.stack(rows))
    return np.arange(1.0, norms.shape[1] + 1), norms


def _densities(evidence: Evidence, figure: Figure, group: Group) -> Lines | None:
    found = densities(evidence, group)
    if found is None:
        return None
    edges, heights = found
    return (edges[1:] + edges[:-1]) / 2, heights


def _profiles(evidence: Evidence, figure: Figure, group: Group) -> Lines | None:
    return critics(evidence, group)
