"""A metric by arm, every seed a dot."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import labels, style
from suite.report.figures.grid import crossed
from suite.report.figures.groups import Group, groups, note, nothing
from suite.spec.layout import SCALES
from suite.spec.schema import Claim, Figure

ROW, NARROW_ROW, MANY = 0.32, 0.24, 12
"""Inches of a row's height, of a figure of few and of one of many rows."""
NAMES = 18
"""Letters of an arm's name in a line."""
SPREAD = 0.22
"""Seeds of a row lie this far above and below its middle, in the order of their numbers."""


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """A row an arm: dots, a tick at their median, and the margins of the claims on the arm alone.

    ``y``, ``y_label`` and ``y_scale`` are the metric's, although it lies along the horizontal axis. Arms
    named ``method, architecture`` stand by architecture, the methods in the same colours.
    """
    members, apart = rows(evidence, figure)
    drawing, axes = style.single(0.9 + (ROW if len(members) <= MANY else NARROW_ROW) * len(members))
    columns = [np.concatenate([evidence.numbers(c, figure.y or "") for c in g.conditions]) for g in members]
    values = np.concatenate(columns)
    if np.isnan(values).all():
        style.empty(axes, nothing(evidence, members))
        return drawing
    on.set_scale(axes, "x", figure.y_scale, values)
    for row, (group, column) in enumerate(zip(members, columns, strict=True)):
        _draw_row(axes, group, row, column)
        _note_missing(axes, evidence, group, row, column)
        _draw_margins(axes, evidence, figure, group, row)
    _set_axes(axes, evidence, figure, members)
    for below in apart:
        axes.axhline(below - 0.5, color="0.88", linewidth=0.7, zorder=0)
    handles = [*_handles(evidence, figure), *on.references(axes, figure, vertical=True)]
    counted = note(evidence, members)
    style.legend(drawing, handles, f"Each of {counted}")
    if counted.startswith("n "):
        _set_counts(axes, columns)
    return drawing


def rows(evidence: Evidence, figure: Figure) -> tuple[list[Group], list[int]]:
    """The groups from above, and those rows that begin another architecture."""
    members, shape = groups(evidence, figure), crossed(evidence, figure)
    if shape is None or min(len(shape.rows), len(shape.columns)) < 2:
        return members, []
    looks = style.looks(len(shape.rows))
    ordered = [
        [
            Group(cell.arm, look, (cell,))
            for look, row in zip(looks, shape.cells, strict=True)
            if (cell := row[i])
        ]
        for i in range(len(shape.columns))
    ]
    starts = np.cumsum([len(each) for each in ordered])[:-1]
    return [group for each in ordered for group in each], starts.tolist()


def margins(evidence: Evidence, figure: Figure, group: Group) -> set[float]:
    """The bounds that claims hold this metric of this arm against, but for claims that only a larger
    scale decides: there the metric can be another.
    """
    arm, levels = group.conditions[0].arm, [condition.levels for condition in group.conditions]
    scale = max(SCALES.index(evidence.study.scale), SCALES.index("desk"))
    return {
        bound
        for claim in evidence.study.experiment.claims.values()
        if (claim.metric, claim.arm) == (figure.y, arm) and claim.where in levels
        if SCALES.index(claim.decided_from) <= scale
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
    middle = on.median(values)
    if np.isfinite(middle):
        # Below the dots, of which it would hide those that it is the median of.
        axes.plot([middle] * 2, [row - 0.38, row + 0.38], color="black", linewidth=1.3, zorder=0.9)


def _note_missing(axes: Axes, evidence: Evidence, group: Group, row: int, values: Array) -> None:
    """Say at the edge how many runs have no dot, and why."""
    diverged = sum(len(evidence.diverged(condition)) for condition in group.conditions)
    without = int(np.isnan(values).sum()) - diverged
    told = [f"{diverged} of {len(values)} diverged ×"] if diverged else []
    told += [f"{without} of {len(values)} have no value"] if without > 0 else []
    beyond = int(np.isinf(values).sum())
    told += [f"{beyond} of {len(values)} at infinity"] if beyond else []
    text = "\n".join(told) if len(values) else "no runs"
    axes.text(1.0, row, text, transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=6.5)


def _draw_margins(axes: Axes, evidence: Evidence, figure: Figure, group: Group, row: int) -> None:
    for bound in margins(evidence, figure, group):
        axes.plot([bound] * 2, [row - 0.45, row + 0.45], color=style.GREY, linestyle=":", linewidth=1.3)


def _set_axes(axes: Axes, evidence: Evidence, figure: Figure, members: list[Group]) -> None:
    names = [style.plain(style.wrapped(group.label, NAMES)) for group in members]
    axes.set_yticks(range(len(members)), names)
    axes.set_ylim(len(members) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    on.set_labels(axes, labels.of_metric(evidence.study.experiment, figure), "", room=on.BESIDE_NAMES)
    axes.set_ylabel(style.plain(figure.x_label))


def _set_counts(axes: Axes, columns: list[Array]) -> None:
    """How many seeds each row has, at its right."""
    for row, column in enumerate(columns):
        at = axes.get_yaxis_transform()
        axes.text(1.02, row, str(len(column)), transform=at, ha="left", va="center", fontsize=6.5)
    axes.text(1.02, 1.0, "n", transform=axes.transAxes, ha="left", va="bottom", fontsize=6.5, style="italic")


def _handles(evidence: Evidence, figure: Figure) -> list[Line2D]:
    handles = [
        Line2D([], [], color=style.GREY, marker="o", linestyle="", markersize=3.5, label="seed"),
        Line2D([], [], color="black", marker="|", linestyle="", markersize=8, label="median"),
    ]
    if any(margins(evidence, figure, group) for group in groups(evidence, figure)):
        handles.append(Line2D([], [], color=style.GREY, linestyle=":", label="margin of a claim"))
    return handles
