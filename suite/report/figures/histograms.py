"""Histograms of the critic's hidden weights, as in WGAN-GP's figure 1b, right."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import style
from suite.report.figures.grid import row_of_panels
from suite.report.figures.groups import Group, finished, groups, names, note, nothing
from suite.spec.schema import Figure
from suite.store.record import Record

COUNTS, RANGE = "weight_histogram.counts", "weight_histogram.range"


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """A panel an arm: the density of every seed's weights, and their median."""
    members = groups(evidence, figure)
    drawing, panels = row_of_panels(len(members), height=1.9)
    for axes, group, name in zip(panels, members, names(evidence, members), strict=True):
        axes.set_title(style.plain(name))
        _draw_group(axes, evidence, figure, group)
        axes.set_xlabel(style.plain(figure.x_label or "Weight"))
    panels[0].set_ylabel(style.plain(figure.y_label or "Density"))
    style.legend(drawing, [], f"Median (thick) and each of {note(evidence, members)}")
    return drawing


def _draw_group(axes: Axes, evidence: Evidence, figure: Figure, group: Group) -> None:
    found = densities(evidence, group)
    if found is None:
        style.empty(axes, nothing(evidence, [group]))
        return
    edges, heights = found
    for each in heights:
        axes.stairs(each, edges, color=group.look.color, linewidth=0.5, alpha=0.6)
    axes.stairs(np.median(heights, axis=0), edges, color=group.look.color, linewidth=1.3)
    on.set_scale(axes, "y", figure.y_scale, heights.ravel())
    axes.locator_params(axis="x", nbins=4)


def densities(evidence: Evidence, group: Group) -> tuple[Array, Array] | None:
    """The bins' edges, [bins + 1], and every run's density between them, [runs, bins]; None of no run."""
    found = evidence.arrays(finished(evidence, group), COUNTS)
    pairs = [(rows[-1], end) for record, rows in found if (end := _end(evidence, record)) > 0]
    pairs = [(counts, end) for counts, end in pairs if np.isfinite(counts).all()]
    if not pairs:
        return None
    widest = max(end for _, end in pairs)
    edges = np.linspace(-widest, widest, len(pairs[0][0]) + 1)
    return edges, np.stack([density(counts, end, edges) for counts, end in pairs])


def density(counts: Array, end: float, edges: Array) -> Array:
    """A histogram over [-end, end] as a density in the bins between ``edges``, 0 outside."""
    own = np.linspace(-end, end, len(counts) + 1)
    cumulated = np.concatenate([[0.0], np.cumsum(counts)]) / counts.sum()
    share = np.interp(edges, own, cumulated, left=0.0, right=1.0)
    return np.asarray(np.diff(share) / np.diff(edges))


def _end(evidence: Evidence, record: Record) -> float:
    series = evidence.series(record).get(RANGE)
    return float(series.values[-1]) if series is not None and len(series.values) else 0.0
