"""A metric by arm, every seed before joined with the same seed after."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from suite.compare.evidence import Both
from suite.compare.figures.panels import Hand, changed, hands, legend, sides
from suite.report.evidence import Evidence
from suite.report.figures import axes as on
from suite.report.figures import labels, style
from suite.report.figures.groups import Group
from suite.report.figures.seeds import margins
from suite.spec.schema import Figure

APART = 0.18
"""How far above and below the middle of a row the two sides stand."""
TICK = 0.15
Seeds = list[tuple[int, float]]
"""Seed and number, NaN for a run without one."""


def draw(both: Both, figure: Figure) -> Drawing | None:
    """A row an arm: before above after, ticks at the medians, and the margins of claims on the arm alone."""
    members = changed(both, figure)
    rows = [[_seeds(of, figure, group) for _, of in sides(both)] for group in members]
    values = np.array([value for row in rows for side in row for _, value in side])
    if not np.isfinite(values).any():
        return None
    drawing, axes = style.single(0.9 + 0.36 * len(members))
    on.set_scale(axes, "x", figure.y_scale, values)
    for at, (group, row) in enumerate(zip(members, rows, strict=True)):
        _join(axes, at, row)
        for (hand, _), side in zip(sides(both), row, strict=True):
            _draw(axes, hand, at, side)
        for bound in margins(both.after, figure, group):
            axes.plot([bound] * 2, [at - 0.45, at + 0.45], color=style.GREY, linestyle=":", linewidth=1.3)
    _set_axes(axes, both, figure, members)
    lost = [] if np.isfinite(values).all() else [on.cross("no finite number")]
    margin = [_margin()] if any(margins(both.after, figure, group) for group in members) else []
    named = [hand.handle(line=False, marker=True) for hand, _ in sides(both)]
    legend(drawing, [*named, _median(), *margin, *on.references(axes, figure, vertical=True), *lost])
    return drawing


def _seeds(evidence: Evidence, figure: Figure, group: Group) -> Seeds:
    return [
        (record.run.seed, evidence.number(record, figure.y or ""))
        for condition in group.conditions
        for record in evidence.of(condition)
    ]


def _height(hand: Hand, row: int) -> float:
    return row - APART if hand.name == "before" else row + APART


def _join(axes: Axes, row: int, both: Sequence[Seeds]) -> None:
    """Thin lines from each seed to itself, where it has a number on both sides."""
    old, new = map(dict, both)
    heights = [_height(hand, row) for hand in hands()]
    for seed in old.keys() & new.keys():
        axes.plot([old[seed], new[seed]], heights, color=style.GREY, linewidth=0.5, alpha=0.7, zorder=1)


def _draw(axes: Axes, hand: Hand, row: int, seeds: Seeds) -> None:
    values = np.array([value for _, value in seeds])
    known, height = values[np.isfinite(values)], _height(hand, row)
    at = np.full(known.size, height)
    axes.scatter(known, at, s=11, marker=hand.marker, color=hand.color, alpha=0.8, linewidths=0, zorder=2)
    middle = on.median(values)
    if np.isfinite(middle):
        ends = [height - TICK, height + TICK]
        axes.plot([middle] * 2, ends, color="black", linewidth=1.2, zorder=3)
    if lost := len(values) - len(known):
        side: dict[str, Any] = {
            "transform": axes.get_yaxis_transform(),
            "ha": "left",
            "va": "center",
            "fontsize": 6,
        }
        axes.text(1.01, height, f"{lost} of {len(values)} ×", color=hand.color, **side)


def _set_axes(axes: Axes, both: Both, figure: Figure, members: Sequence[Group]) -> None:
    axes.set_yticks(range(len(members)), [style.plain(textwrap.fill(group.label, 18)) for group in members])
    axes.set_ylim(len(members) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    on.set_labels(axes, labels.of_metric(both.study.experiment, figure), figure.x_label, room=on.BESIDE_NAMES)


def _median() -> Line2D:
    return Line2D([], [], color="black", marker="|", linestyle="", markersize=7, label="median")


def _margin() -> Line2D:
    return Line2D([], [], color=style.GREY, linestyle=":", label="margin of a claim")
