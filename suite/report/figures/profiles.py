"""Critics of one-dimensional data, as in WGAN's figure 2."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from scipy.special import expit
from scipy.stats import norm

from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import style
from suite.report.figures.groups import Group, finished, groups, names, note, nothing
from suite.spec.schema import Figure, Loss, LossName, Surface, TwoGaussians

SURFACE = "surface.values"
PROBABILITY: tuple[LossName, ...] = ("minimax", "non_saturating")
"""Losses whose critic puts out the logit of a probability."""
REAL, FAKE = "0.2", "0.6"


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """Discriminators as probabilities, critics scaled to [0, 1]: the median over seeds and every
    seed thin; behind, the two densities over their maximum.
    """
    drawing, axes = style.single()
    members = groups(evidence, figure)
    extents = [_draw_group(axes, evidence, group) for group in members]
    on.set_labels(axes, figure.x_label or "x", figure.y_label or "Output (critics: scaled to [0, 1])")
    named = zip(members, names(evidence, members), strict=True)
    handles = [on.handle(group.look, name) for group, name in named]
    if max(extents) == 0:
        style.empty(axes, nothing(evidence, members))
        return drawing
    handles += _densities(axes, members[0], max(extents))
    axes.set_xlim(-max(extents), max(extents))
    style.legend(drawing, handles, f"Median and each of {note(evidence, members)}")
    return drawing


def _draw_group(axes: Axes, evidence: Evidence, group: Group) -> float:
    """Draw the group's critics; how far they reach from 0."""
    found = critics(evidence, group)
    if found is None:
        return 0.0
    x, outputs = found
    axes.plot(x, outputs.T, color=group.look.color, linewidth=0.5, alpha=0.5)
    middle = np.median(outputs, axis=0)
    axes.plot(x, middle, color=group.look.color, linestyle=group.look.dash, linewidth=1.4)
    return float(x[-1])


def critics(evidence: Evidence, group: Group) -> tuple[Array, Array] | None:
    """Where, [points], and every run's critic there, ``scaled``, [runs, points]; None of no run."""
    found, extent = [], 0.0
    for record, values in evidence.arrays(finished(evidence, group), SURFACE):
        extent = (record.run.setting.probes.surface or Surface()).extent
        found.append(scaled(values[-1], record.run.setting.loss))
    return (np.linspace(-extent, extent, len(found[0])), np.stack(found)) if found else None


def scaled(outputs: Array, loss: Loss) -> Array:
    """A discriminator's outputs as probabilities; a critic's from their least, 0, to their
    greatest, 1.
    """
    if loss in PROBABILITY:
        return np.asarray(expit(outputs))
    spread = float(np.ptp(outputs))
    return (outputs - outputs.min()) / spread if spread else np.full_like(outputs, 0.5)


def _densities(axes: Axes, group: Group, extent: float) -> list[Line2D]:
    data = group.conditions[0].setting.data
    if not isinstance(data, TwoGaussians):
        return []
    x = np.linspace(-extent, extent, 400)
    handles = []
    for name, mean, grey in (("real density", -data.mean, REAL), ("fake density", data.mean, FAKE)):
        bell = norm.pdf(x, mean, data.deviation)
        axes.fill_between(x, bell / bell.max(), color=grey, alpha=0.25, linewidth=0, zorder=0)
        handles.append(Line2D([], [], color=grey, alpha=0.35, linewidth=5, label=name))
    return handles
