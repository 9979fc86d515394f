"""A metric against a factor, every seed a dot."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from suite.report import words
from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import labels, style
from suite.report.figures.groups import Group, groups, names, note, nothing
from suite.report.figures.style import Look
from suite.spec.schema import FactorValue, Figure

MOST_TICKS = 6
ALSO = ("--", ":", "-.")
BESIDE = 0.12
ASIDE = 0.012
"""The share of the axis between the dots of two groups at the same number."""
NAME_WIDTH = 12


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """The median over seeds against the factor's level; diverged runs are crosses at the top, seeds that lie
    far from all others, or at infinity, arrows at the edge.
    """
    drawing, axes = style.single()
    members = groups(evidence, figure, along=figure.x)
    tables = [by_level(evidence, figure, group, figure.y or "") for group in members]
    everything = np.concatenate([values for table in tables for values in table])
    if not np.isfinite(everything).any():
        style.empty(axes, nothing(evidence, members))
        return drawing
    levels, handles = levels_of(evidence, figure), list[Line2D]()
    experiment = evidence.study.experiment
    on.set_labels(axes, labels.of_factor(experiment, figure), labels.of_metric(experiment, figure))
    set_axes(axes, figure, levels, everything)
    places = _places(levels, len(members), figure.x_scale)
    told = zip(members, _names(evidence, figure, members), places, tables, strict=True)
    for group, name, at, table in told:
        _draw_group(axes, group, at, table, are_names(levels), jump_of(figure, levels, figure.y or ""))
        _draw_lost(axes, group, at, diverged_by_level(evidence, figure, group))
        handles.append(on.handle(_drawn(group.look, are_names(levels)), name, marker=True))
    handles += _beside(axes, evidence, figure, members[0])
    handles += on.references(axes, figure)
    diverged = sum(sum(diverged_by_level(evidence, figure, group)) for group in members)
    handles += [on.cross()] if diverged else []
    handles += _mark_the_far(axes, members, places, tables)
    without = _without(int(np.isnan(everything).sum()) - diverged, everything.size)
    style.legend(drawing, handles, f"Median and each of {note(evidence, members)}{without}")
    return drawing


def levels_of(evidence: Evidence, figure: Figure) -> tuple[FactorValue, ...]:
    """Those of the factor along the horizontal axis."""
    return evidence.study.experiment.factors[figure.x or ""].levels


def are_names(levels: Sequence[FactorValue]) -> bool:
    """Whether a factor's levels are names, not numbers."""
    return any(isinstance(value, str) for value in levels)


def _places(levels: tuple[FactorValue, ...], count: int, scale: str = "linear") -> list[Array]:
    """Where each of ``count`` groups stands: side by side, close to the level's value or at its name."""
    steps = [np.float64(group - (count - 1) / 2) for group in range(count)]
    if are_names(levels):
        return [np.arange(len(levels)) + BESIDE * step for step in steps]
    values = np.array(levels, dtype=np.float64)
    if scale == "log" and values.min() > 0:
        return [values * (values.max() / values.min()) ** (ASIDE * step) for step in steps]
    return [values + ASIDE * step * np.ptp(values) for step in steps]


def _drawn(look: Look, named: bool) -> Look:
    """Without a line where there is none between names."""
    return look._replace(dash="") if named else look


def by_level(evidence: Evidence, figure: Figure, group: Group, metric: str) -> list[Array]:
    """The seeds' values at each level."""
    found = {c.levels[figure.x or ""]: evidence.numbers(c, metric) for c in group.conditions}
    return [found.get(value, np.zeros(0)) for value in levels_of(evidence, figure)]


def diverged_by_level(evidence: Evidence, figure: Figure, group: Group) -> list[int]:
    """How many seeds diverged at each level."""
    found = {c.levels[figure.x or ""]: len(evidence.diverged(c)) for c in group.conditions}
    return [found.get(value, 0) for value in levels_of(evidence, figure)]


def _without(count: int, total: int) -> str:
    """How many runs have neither a dot nor a cross."""
    return f"; {count} of {total} runs have no value" if count > 0 else ""


def set_axes(axes: Axes, figure: Figure, levels: Sequence[FactorValue], values: Array) -> None:
    """The scales of a panel that shows these values, and the levels along it."""
    on.set_scale(axes, "y", figure.y_scale, values)
    if are_names(levels):
        axes.set_xticks(range(len(levels)), [_wrapped(words.level(value)) for value in levels])
        axes.set_xlim(-0.5, len(levels) - 0.5)
        return
    on.set_scale(axes, "x", figure.x_scale, np.array(levels, dtype=np.float64))
    if len(levels) <= MOST_TICKS:
        axes.set_xticks([float(value) for value in levels], [words.level(value) for value in levels])
        axes.set_xticks([], minor=True)


def _wrapped(text: str) -> str:
    return style.plain(style.wrapped(text, NAME_WIDTH))


def jump_of(figure: Figure, levels: Sequence[FactorValue], metric: str) -> int | None:
    """Which of the levels is where a metric jumps, if it does."""
    level = figure.jumps.get(metric)
    return levels.index(level) if level in levels else None


def gapped(places: Array, values: Sequence[float], jump: int | None) -> tuple[Array, Array]:
    """The points of a line, which ends before the one at ``jump`` and begins anew behind it."""
    known = np.array(values, dtype=np.float64)
    if jump is None:
        return places, known
    gaps = [jump, jump + 1]
    return np.insert(places, gaps, np.nan), np.insert(known, gaps, np.nan)


def _draw_group(
    axes: Axes, group: Group, places: Array, table: list[Array], named: bool, jump: int | None
) -> None:
    look = group.look
    middle = [on.median(values) for values in table]
    line = {"marker": "_", "markersize": 12, "linestyle": ""} if named else {"linestyle": look.dash}
    axes.plot(*gapped(places, middle, jump), color=look.color, linewidth=1.2, **line)
    for place, values in zip(places, table, strict=True):
        _dots(axes, group, place, values[np.isfinite(values)])


def _draw_lost(axes: Axes, group: Group, places: Array, counts: list[int]) -> None:
    """A cross at the top for each run that diverged."""
    lost, top = np.repeat(places, counts), axes.get_xaxis_transform()
    axes.plot(lost, np.full(lost.size, 0.98), "x", color=group.look.color, markersize=4, transform=top)


def _mark_the_far(
    axes: Axes, members: list[Group], places: list[Array], tables: list[list[Array]]
) -> list[Line2D]:
    """Leave out what lies far from all others, with an arrow at the edge for each seed beyond it, and how the
    legend explains those.
    """
    every = [values for table in tables for values in table]
    everything, middles = np.concatenate(every), np.array([on.median(values) for values in every])
    if not on.leave_out_the_far(axes, everything, middles) and not np.isinf(everything).any():
        return []
    low, high = axes.get_ylim()
    for group, at, table in zip(members, places, tables, strict=True):
        for place, values in zip(at, table, strict=True):
            for mark, edge, count in (("v", 0.02, np.sum(values < low)), ("^", 0.98, np.sum(values > high))):
                across = np.full(int(count), place)
                top = axes.get_xaxis_transform()
                axes.plot(
                    across, np.full(across.size, edge), mark, color=group.look.color, ms=4, transform=top
                )
    return [on.beyond()]


def _names(evidence: Evidence, figure: Figure, members: list[Group]) -> list[str]:
    """The groups' labels; that of the metric where it is the metrics that differ."""
    if figure.also and len(figure.arms) == 1:
        return [words.meaning(figure.y or "", evidence.study.experiment.metrics[figure.y or ""])]
    return names(evidence, members)


def _beside(axes: Axes, evidence: Evidence, figure: Figure, group: Group) -> list[Line2D]:
    """The medians of the metrics in ``also``, as broken grey lines."""
    drawn: list[Line2D] = []
    levels = levels_of(evidence, figure)
    for name, dash in zip(figure.also, cycle(ALSO), strict=False):
        middle = [on.median(values) for values in by_level(evidence, figure, group, name)]
        (place,) = _places(levels, 1)
        jump = jump_of(figure, levels, name)
        look = Look(style.GREY, dash, "." if jump is not None else "")
        line = {"linestyle": look.dash, "marker": look.marker, "markersize": 4}
        axes.plot(*gapped(place, middle, jump), color=look.color, linewidth=1.2, zorder=1, **line)
        said = words.meaning(name, evidence.study.experiment.metrics[name])
        drawn.append(on.handle(look, said, marker=True))
    return drawn


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
