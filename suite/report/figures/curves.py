"""A series against the iteration, or against the time that a run took."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import labels, style
from suite.report.figures.grid import Grid, crossed, row_of_panels
from suite.report.figures.groups import Group, groups, names, note, nothing, seeds
from suite.series import Series
from suite.spec.schema import Figure
from suite.store.record import Record

MOST_POINTS = 400
MOST_NOISY = 100
"""So many points of a noisy line can be told apart across a column."""
MOST_MARKED = 12
"""Lines of no more points have a mark at each, so that one sees where it was measured."""
MOST_THIN_LINES = 6
MOST_TOGETHER = 5
"""So many lines with their bands can be told apart in one panel."""
PANEL, HEAD, LETTERS = 1.6, 0.6, 26
"""Inches of height of one of several panels and of what is above all, and letters that fit above one."""
LABELS = {"iteration": "Iteration", "seconds": "Seconds of one core (a run's share of its batch)"}

Runs = list[tuple[Record, Series]]


class Panels(NamedTuple):
    """What stands in which of several panels."""

    titles: tuple[str, ...]
    members: list[list[Group]]
    handles: list[Line2D]
    """What the legend says of the lines."""
    together: bool = False
    """Whether the medians of all panels are behind each."""


class Manner(NamedTuple):
    """How all lines of a figure are drawn."""

    steps: frozenset[int]
    """How many points are averaged to one, in each group's lines."""
    thin: bool
    """Whether each run has a line."""
    marked: bool
    """Whether each point of a median has a mark, not only that of one that is no line."""


class Curve(NamedTuple):
    """A run's line: ``y`` at ``x``, both [points], and whether it ends because the run diverged."""

    x: Array
    y: Array
    diverged: bool


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """The median over seeds, the band from the least to the greatest seed, and every seed where
    they are few. A diverged run ends in a cross. Arms named ``method, architecture`` stand in a
    panel for each architecture, where there are several of both; others, where they are many, in one each.
    """
    shape, members = crossed(evidence, figure), groups(evidence, figure)
    if shape is not None and min(len(shape.rows), len(shape.columns)) > 1:
        return _draw_panels(evidence, figure, _by_architecture(shape))
    found = [runs_of(evidence, figure, group) for group in members]
    if any(found) and len(members) > MOST_TOGETHER:
        return _draw_panels(evidence, figure, _one_each(evidence, members))
    drawing, axes = style.single()
    if not any(found):
        style.empty(axes, nothing(evidence, members))
        return drawing
    manner = _manner(figure, found)
    lost = [_draw_group(axes, figure, *each, manner) for each in zip(members, found, strict=True)]
    on.set_labels(axes, figure.x_label or LABELS[figure.against], labels.of_series(figure))
    set_scales(axes, figure, found)
    named = zip(members, names(evidence, members), strict=True)
    handles = [on.handle(group.look, name, manner.marked) for group, name in named]
    handles += on.references(axes, figure) + ([on.cross()] if any(lost) else [])
    style.legend(drawing, handles, _note(note(evidence, members), manner))
    return drawing


def averaged(series: Series, step: int) -> Series:
    """Means over windows of ``step`` points, or of all where there are fewer; what is left over at the end
    is dropped.
    """
    step = max(1, min(step, len(series.values)))
    count = len(series.values) // step
    kept = slice(0, count * step)
    return Series(
        series.iterations[kept][step - 1 :: step], series.values[kept].reshape(count, step).mean(axis=1)
    )


def seconds(record: Record, series: Series) -> Array:
    """When a run got to the iterations of a series: all of its iterations took equally long."""
    share = record.cost.seconds / max(record.run.setting.iterations, 1)
    return series.iterations.astype(np.float64) * share


def table(curves: Sequence[Curve], against: str) -> tuple[Array, Array]:
    """Where all curves are known, and their values there, shapes [points] and [runs, points].

    Iterations are those that all have. Seconds, which no two runs share, are evenly spaced from
    the last beginning to the first end, and values between a run's points are interpolated.
    """
    if not curves:
        return np.zeros(0), np.zeros((0, 0))
    if against == "seconds":
        begin, end = max(c.x[0] for c in curves), min(c.x[-1] for c in curves)
        common = np.linspace(begin, end, MOST_POINTS) if begin < end else np.zeros(0)
        return common, np.stack([np.interp(common, c.x, c.y) for c in curves])
    common = curves[0].x
    for each in curves[1:]:
        common = np.intersect1d(common, each.x)
    return common, np.stack([c.y[np.isin(c.x, common)] for c in curves])


def _by_architecture(shape: Grid) -> Panels:
    """A panel an architecture: the methods in the same colours."""
    looks = style.looks(len(shape.rows))
    handles = [on.handle(look, method) for method, look in zip(shape.rows, looks, strict=True)]
    return Panels(shape.columns, [_members(shape, column) for column in range(len(shape.columns))], handles)


def _one_each(evidence: Evidence, members: list[Group]) -> Panels:
    """A panel for each group, before the others' medians."""
    own, others = Line2D([], [], color="black", linewidth=1.3), _other([], [])
    own.set_label("the arm above the panel")
    others.set_label("medians of the other arms")
    alone = [[group._replace(look=group.look._replace(dash="-"))] for group in members]
    return Panels(tuple(names(evidence, members)), alone, [own, others], together=True)


def _other(x: Array | list[float], y: Array | list[float]) -> Line2D:
    return Line2D(x, y, color="0.75", linewidth=0.8, zorder=0.5)


def _draw_panels(evidence: Evidence, figure: Figure, layout: Panels) -> Drawing:
    """All on the same scales."""
    drawing, panels = row_of_panels(len(layout.titles), PANEL)
    drawing.set_figheight(drawing.get_figheight() + HEAD)
    found = [[runs_of(evidence, figure, group) for group in column] for column in layout.members]
    every = [runs for column in found for runs in column]
    manner = _manner(figure, every)
    drawn = [axes for axes, series in zip(panels, found, strict=True) if any(series)]
    lost, references = False, list[Line2D]()
    for axes, title, column, series in zip(panels, layout.titles, layout.members, found, strict=True):
        axes.set_title(style.plain(style.wrapped(title, LETTERS)), fontsize=7)
        if axes in drawn:
            pairs = zip(column, series, strict=True)
            crosses = [_draw_group(axes, figure, *each, manner) for each in pairs]
            references, lost = on.references(axes, figure), lost or any(crosses)
            # By identity: equal records would have arrays compared.
            others = [runs for runs in every if all(runs is not own for own in series)]
            _draw_behind(axes, figure, others if layout.together else [])
        else:
            style.empty(axes, nothing(evidence, column))
    _align(drawn, figure, [runs for runs in every if runs])
    _label(drawing, figure)
    shown = [group for column in layout.members for group in column]
    counted = note(evidence, shown) if layout.together else seeds(evidence, shown)
    told = _note(counted, manner) + _missing(evidence, shown)
    style.legend(drawing, layout.handles + references + ([on.cross()] if lost else []), told)
    return drawing


def _draw_behind(axes: Axes, figure: Figure, others: list[Runs]) -> None:
    for runs in others:
        x, values = _finished(figure, runs, window([runs]))
        if len(x):
            axes.add_line(_other(x, np.median(values, axis=0)))


def _label(drawing: Drawing, figure: Figure) -> None:
    drawing.supxlabel(style.plain(figure.x_label or LABELS[figure.against]), fontsize=8)
    drawing.supylabel(style.plain(style.wrapped(labels.of_series(figure), 40)), fontsize=8)


def _members(shape: Grid, column: int) -> list[Group]:
    """The groups of a panel, by method."""
    cells = zip(shape.rows, style.looks(len(shape.rows)), (row[column] for row in shape.cells), strict=True)
    return [Group(method, look, (cell,)) for method, look, cell in cells if cell is not None]


def _align(panels: Sequence[Axes], figure: Figure, found: list[Runs]) -> None:
    """Give all panels the same scales and limits, within which each has all that it shows."""
    for axes in panels:
        set_scales(axes, figure, found)
    for limits, set_limits in ((Axes.get_xlim, Axes.set_xlim), (Axes.get_ylim, Axes.set_ylim)):
        ends = [limits(axes) for axes in panels]
        for axes in panels:
            set_limits(axes, min(low for low, _ in ends), max(high for _, high in ends))


def _note(counted: str, manner: Manner) -> str:
    most = max(manner.steps, default=1)
    averaged = f", means of {'up to ' if len(manner.steps) > 1 else ''}{most} points" if most > 1 else ""
    return f"Median and range of {counted}{', each thin' if manner.thin else ''}{averaged}"


def _manner(figure: Figure, found: Sequence[Runs]) -> Manner:
    """Thin lines where no group has too many to tell apart, marks where a line has few points."""
    few = all(len(runs) <= MOST_THIN_LINES for runs in found)
    steps = frozenset(window([runs]) for runs in found if runs)
    return Manner(steps, few, figure.against == "iteration" and _most(found) <= MOST_MARKED)


def _most(found: Sequence[Runs]) -> int:
    """Points of the longest line."""
    return max((len(series.values) for runs in found for _, series in runs), default=1)


def _missing(evidence: Evidence, members: list[Group]) -> str:
    """How many runs diverged or were not made, where panels leave no room to say it of each arm."""
    conditions = [condition for group in members for condition in group.conditions]
    lost = sum(len(evidence.diverged(condition)) for condition in conditions)
    total = sum(len(evidence.of(condition)) for condition in conditions)
    without = sum(not evidence.of(condition) for condition in conditions)
    said = [f"; {lost} of {total} runs diverged" if lost else ""]
    said += [f"; {without} of {len(conditions)} arms without runs" if without and total else ""]
    return "".join(said)


def runs_of(evidence: Evidence, figure: Figure, group: Group) -> Runs:
    """A group's runs that have the figure's series, with it."""
    records = [record for condition in group.conditions for record in evidence.of(condition)]
    pairs = [(record, evidence.series(record).get(figure.y or "")) for record in records]
    return [(record, series) for record, series in pairs if series is not None and len(series.values)]


def window(found: Sequence[Runs], shown: int = MOST_NOISY) -> int:
    """Over how many points to average, so that no line has more than are ``shown``."""
    return -(-_most(found) // shown)


def _places(record: Record, series: Series, against: str) -> Array:
    """Where the points of a series lie along the horizontal axis."""
    return seconds(record, series) if against == "seconds" else series.iterations.astype(np.float64)


def set_scales(axes: Axes, figure: Figure, found: Sequence[Runs]) -> None:
    """The scales of a panel that shows these runs."""
    pairs = [pair for runs in found for pair in runs]
    along = np.concatenate([_places(record, series, figure.against) for record, series in pairs])
    on.set_scale(axes, "x", figure.x_scale, along)
    on.set_scale(axes, "y", figure.y_scale, np.concatenate([series.values for _, series in pairs]))


def curves_of(figure: Figure, runs: Runs, step: int) -> list[Curve]:
    """The runs' lines, averaged over ``step`` points."""
    return [_curve(record, averaged(series, step), figure.against) for record, series in runs]


def _curve(record: Record, series: Series, against: str) -> Curve:
    return Curve(_places(record, series, against), series.values, record.outcome.state == "diverged")


def _finished(figure: Figure, runs: Runs, step: int) -> tuple[Array, Array]:
    """The ``table`` of those that came to their end."""
    done = [(record, series) for record, series in runs if record.outcome.state == "finished"]
    return table(curves_of(figure, done, step), figure.against)


def _draw_group(axes: Axes, figure: Figure, group: Group, runs: Runs, manner: Manner) -> bool:
    """Draw the runs of a group, each of them or only those that diverged; whether any did."""
    look, step = group.look, window([runs])
    curves = curves_of(figure, runs, step)
    x, values = _finished(figure, runs, step)
    if len(x):
        axes.fill_between(x, values.min(axis=0), values.max(axis=0), color=look.color, alpha=0.2, linewidth=0)
        middle = np.median(values, axis=0)
        marker = look.marker if manner.marked or len(x) == 1 else ""
        line = {"linestyle": look.dash, "marker": marker, "markersize": 2.5}
        axes.plot(x, middle, color=look.color, linewidth=1.3, **line)
    lost = [curve for curve in curves if curve.diverged]
    for curve in curves if manner.thin else lost:
        axes.plot(curve.x, curve.y, color=look.color, linewidth=0.4, alpha=0.6)
    for curve in lost:
        axes.plot(curve.x[-1:], curve.y[-1:], "x", color=look.color, markersize=5)
    return bool(lost)
