"""A series against the iteration."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import labels, style
from suite.report.figures.groups import Group, groups, label, nothing, seeds
from suite.series import Series
from suite.spec.schema import Figure
from suite.store.record import Record

MOST_POINTS = 400
MOST_THIN_LINES = 6


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """The median over seeds, the band from the least to the greatest seed, and every seed where
    they are few. A diverged run ends in a cross.
    """
    drawing, axes = style.single()
    members = groups(evidence, figure)
    found = [_series(evidence, figure, group) for group in members]
    if not any(found):
        style.empty(axes, nothing(evidence, members))
        return drawing
    step = max(_window(series) for runs in found for _, series in runs)
    lost = [_draw_group(axes, group, runs, step) for group, runs in zip(members, found, strict=True)]
    _set_axes(axes, figure, found)
    handles = [on.handle(group.look, label(evidence, group)) for group in members]
    handles += on.references(axes, figure) + ([on.cross()] if any(lost) else [])
    averaged = f", means of {step} points" if step > 1 else ""
    style.legend(drawing, handles, f"Median and range of {seeds(evidence, members)}{averaged}")
    return drawing


def averaged(series: Series, step: int) -> Series:
    """Means over windows of ``step`` points; what is left over at the end is dropped."""
    count = len(series.values) // step
    kept = slice(0, count * step)
    return Series(
        series.iterations[kept][step - 1 :: step], series.values[kept].reshape(count, step).mean(axis=1)
    )


def _series(evidence: Evidence, figure: Figure, group: Group) -> list[tuple[Record, Series]]:
    records = [record for condition in group.conditions for record in evidence.of(condition)]
    pairs = [(record, evidence.series(record).get(figure.y or "")) for record in records]
    return [(record, series) for record, series in pairs if series is not None and len(series.values)]


def _window(series: Series) -> int:
    return -(-len(series.values) // MOST_POINTS)


def _set_axes(axes: Axes, figure: Figure, found: list[list[tuple[Record, Series]]]) -> None:
    on.set_labels(axes, figure.x_label or "Iteration", labels.of_series(figure))
    series = [series for runs in found for _, series in runs]
    on.set_scale(axes, "x", figure.x_scale, np.concatenate([s.iterations for s in series]).astype(float))
    on.set_scale(axes, "y", figure.y_scale, np.concatenate([s.values for s in series]))


def _draw_group(axes: Axes, group: Group, runs: list[tuple[Record, Series]], step: int) -> bool:
    """Draw the runs of a group; whether any diverged."""
    look = group.look
    drawn = [(record, averaged(series, step)) for record, series in runs]
    iterations, table = _table([series for record, series in drawn if record.outcome.state == "finished"])
    if len(iterations):
        axes.fill_between(
            iterations, table.min(axis=0), table.max(axis=0), color=look.color, alpha=0.2, linewidth=0
        )
        axes.plot(iterations, np.median(table, axis=0), color=look.color, linestyle=look.dash, linewidth=1.3)
    lost = [series for record, series in drawn if record.outcome.state == "diverged"]
    thin = [series for _, series in drawn] if len(drawn) <= MOST_THIN_LINES else lost
    for series in thin:
        axes.plot(series.iterations, series.values, color=look.color, linewidth=0.4, alpha=0.6)
    for series in lost:
        axes.plot(series.iterations[-1:], series.values[-1:], "x", color=look.color, markersize=5)
    return bool(lost)


def _table(series: list[Series]) -> tuple[Array, Array]:
    """The iterations that all have, and their values there, shape [runs, iterations]."""
    if not series:
        return np.zeros(0), np.zeros((0, 0))
    common = series[0].iterations
    for each in series[1:]:
        common = np.intersect1d(common, each.iterations)
    rows = [each.values[np.isin(each.iterations, common)] for each in series]
    return common.astype(np.float64), np.stack(rows)
