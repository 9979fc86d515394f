"""A metric against a factor, every seed a dot."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from suite.report import words
from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import labels, style
from suite.report.figures.groups import Group, groups, label, seeds
from suite.spec.schema import FactorValue, Figure


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """The median over seeds against the factor's level; diverged runs are crosses at the top."""
    drawing, axes = style.single()
    members = groups(evidence, figure, along=figure.x)
    tables = [_table(evidence, figure, group) for group in members]
    everything = np.concatenate([values for table in tables for values in table])
    if not np.isfinite(everything).any():
        style.empty(axes)
        return drawing
    _set_axes(axes, evidence, figure, everything)
    for group, table in zip(members, tables, strict=True):
        _draw_group(axes, group, _positions(evidence, figure), table)
    handles = [on.handle(group.look, label(evidence, group), marker=True) for group in members]
    handles += on.references(axes, figure)
    handles += [on.cross()] if np.isnan(everything).any() else []
    style.legend(drawing, handles, f"Median and each of {seeds(evidence, members)}")
    return drawing


def _levels(evidence: Evidence, figure: Figure) -> tuple[FactorValue, ...]:
    return evidence.study.experiment.factors[figure.x or ""].values


def _positions(evidence: Evidence, figure: Figure) -> Array:
    """Where the levels stand: at their value, or one after another where they are names."""
    levels = _levels(evidence, figure)
    if all(isinstance(value, float) for value in levels):
        return np.array(levels, dtype=np.float64)
    return np.arange(len(levels), dtype=np.float64)


def _table(evidence: Evidence, figure: Figure, group: Group) -> list[Array]:
    """The seeds' values at each level."""
    by_level = {c.levels[figure.x or ""]: evidence.numbers(c, figure.y or "") for c in group.conditions}
    return [by_level.get(value, np.zeros(0)) for value in _levels(evidence, figure)]


def _set_axes(axes: Axes, evidence: Evidence, figure: Figure, values: Array) -> None:
    levels, positions = _levels(evidence, figure), _positions(evidence, figure)
    on.set_labels(
        axes,
        labels.of_factor(evidence.study.experiment, figure),
        labels.of_metric(evidence.study.experiment, figure),
    )
    on.set_scale(axes, "x", figure.x_scale, positions)
    on.set_scale(axes, "y", figure.y_scale, values)
    if any(isinstance(value, str) for value in levels):
        axes.set_xticks(positions, [style.plain(words.level(value)) for value in levels])


def _draw_group(axes: Axes, group: Group, positions: Array, table: list[Array]) -> None:
    kept = [values[np.isfinite(values)] for values in table]
    middle = [np.median(values) if values.size else np.nan for values in kept]
    axes.plot(positions, middle, color=group.look.color, linestyle=group.look.dash, linewidth=1.2)
    for position, values, finite in zip(positions, table, kept, strict=True):
        _dots(axes, group, position, finite)
        lost = np.full(int(np.isnan(values).sum()), 0.98)
        axes.plot(
            np.full(lost.size, position),
            lost,
            "x",
            color=group.look.color,
            markersize=4,
            transform=axes.get_xaxis_transform(),
        )


def _dots(axes: Axes, group: Group, position: float, values: Array) -> None:
    axes.scatter(
        np.full(values.size, position),
        values,
        s=9,
        marker=group.look.marker,
        color=group.look.color,
        alpha=0.6,
        linewidths=0,
    )
