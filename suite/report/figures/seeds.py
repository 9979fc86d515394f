"""A metric by arm, every seed a dot."""

import textwrap
from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import labels, style
from suite.report.figures.groups import Group, groups, nothing
from suite.spec.schema import Claim, Figure

SPREAD = 0.22
"""Seeds of a row lie this far above and below its middle, in the order of their numbers."""


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """A row an arm: dots, a tick at their median, and the margins of the claims on the arm alone.

    ``y``, ``y_label`` and ``y_scale`` are the metric's, although it lies along the horizontal axis.
    """
    members = groups(evidence, figure)
    drawing, axes = style.single(0.9 + 0.32 * len(members))
    columns = [np.concatenate([evidence.numbers(c, figure.y or "") for c in g.conditions]) for g in members]
    values = np.concatenate(columns)
    if not np.isfinite(values).any():
        style.empty(axes, nothing(evidence, members))
        return drawing
    on.set_scale(axes, "x", figure.y_scale, values)
    for row, (group, column) in enumerate(zip(members, columns, strict=True)):
        _draw_row(axes, group, row, column)
        _note_missing(axes, evidence, group, row, column)
        _draw_margins(axes, evidence, figure, group, row)
    _set_axes(axes, evidence, figure, members)
    handles = [*_handles(evidence, figure), *on.references(axes, figure, vertical=True)]
    style.legend(drawing, handles)
    return drawing


def margins(evidence: Evidence, figure: Figure, group: Group) -> set[float]:
    """The bounds that claims hold this metric of this arm against."""
    arm, levels = group.conditions[0].arm, [condition.levels for condition in group.conditions]
    return {
        bound
        for claim in evidence.study.experiment.claims.values()
        if (claim.metric, claim.arm) == (figure.y, arm) and claim.where in levels
        for bound in _bounds(claim)
    }


def _bounds(claim: Claim) -> Iterator[float]:
    if claim.kind == "threshold":
        yield claim.margin
    elif claim.kind == "rate" and claim.cut is not None:
        yield claim.cut
    elif claim.kind == "identity" or (claim.kind == "equivalence" and claim.versus is None):
        yield claim.target - claim.margin
        yield claim.target + claim.margin


def _draw_row(axes: Axes, group: Group, row: int, values: Array) -> None:
    heights = row + np.linspace(-SPREAD, SPREAD, len(values)) if len(values) > 1 else np.array([float(row)])
    known = np.isfinite(values)
    axes.scatter(
        values[known],
        heights[: len(values)][known],
        s=12,
        color=group.look.color,
        marker=group.look.marker,
        alpha=0.75,
        linewidths=0,
    )
    if known.any():
        middle = float(np.median(values[known]))
        axes.plot([middle] * 2, [row - 0.36, row + 0.36], color="black", linewidth=1.3, zorder=3)


def _note_missing(axes: Axes, evidence: Evidence, group: Group, row: int, values: Array) -> None:
    """Say at the edge how many runs have no dot, and why."""
    diverged = sum(len(evidence.diverged(condition)) for condition in group.conditions)
    without = int(np.isnan(values).sum()) - diverged
    told = [f"{diverged} of {len(values)} diverged ×"] if diverged else []
    told += [f"{without} of {len(values)} have no value"] if without > 0 else []
    text = "\n".join(told) if len(values) else "no runs"
    axes.text(1.0, row, text, transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=6.5)


def _draw_margins(axes: Axes, evidence: Evidence, figure: Figure, group: Group, row: int) -> None:
    for bound in margins(evidence, figure, group):
        axes.plot([bound] * 2, [row - 0.45, row + 0.45], color=style.GREY, linestyle=":", linewidth=1.3)


def _set_axes(axes: Axes, evidence: Evidence, figure: Figure, members: list[Group]) -> None:
    axes.set_yticks(range(len(members)), [style.plain(textwrap.fill(group.label, 18)) for group in members])
    axes.set_ylim(len(members) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    on.set_labels(axes, labels.of_metric(evidence.study.experiment, figure), "", room=on.BESIDE_NAMES)
    axes.set_ylabel(style.plain(figure.x_label))


def _handles(evidence: Evidence, figure: Figure) -> list[Line2D]:
    handles = [
        Line2D([], [], color=style.GREY, marker="o", linestyle="", markersize=3.5, label="seed"),
        Line2D([], [], color="black", marker="|", linestyle="", markersize=8, label="median"),
    ]
    if any(margins(evidence, figure, group) for group in groups(evidence, figure)):
        handles.append(Line2D([], [], color=style.GREY, linestyle=":", label="margin of a claim"))
    return handles
