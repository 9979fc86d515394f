"""Panels in rows and columns."""

from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from suite.report import words
from suite.report.evidence import Evidence
from suite.report.figures.groups import groups
from suite.report.figures.style import COLUMN, TWO_COLUMNS, plain
from suite.spec.runs import Condition
from suite.spec.schema import Figure


class Grid(NamedTuple):
    """What stands in which panel: rows of conditions, None where there is none."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Condition | None, ...], ...]


def grid(evidence: Evidence, figure: Figure) -> Grid:
    """Arms as rows and the levels of ``figure.x`` as columns; without x, arms in one row."""
    members = groups(evidence, figure, along=figure.x)
    if figure.x is None:
        return Grid(("",), tuple(g.label for g in members), (tuple(g.conditions[0] for g in members),))
    name = figure.x
    factor = evidence.study.experiment.factors[name]
    levels, named = factor.levels, factor.draws is None
    cells = tuple(
        tuple(next((c for c in g.conditions if c.levels[name] == level), None) for level in levels)
        for g in members
    )
    columns = tuple(
        f"{name} = {words.level(v)}" if isinstance(v, float) and named else words.level(v) for v in levels
    )
    return Grid(tuple(g.label for g in members), columns, cells)


def crossed(evidence: Evidence, figure: Figure) -> Grid | None:
    """Arms named ``method, architecture``: methods as rows and architectures as columns, in the
    order in which they appear. None where an arm has another name or there are factors to show.
    """
    members = groups(evidence, figure)
    if figure.x is not None:
        return None
    cells = {pair(group.conditions[0].arm): group.conditions[0] for group in members}
    if len(cells) < len(members) or not all(architecture for _, architecture in cells):
        return None
    rows = tuple(dict.fromkeys(method for method, _ in cells))
    columns = tuple(dict.fromkeys(architecture for _, architecture in cells))
    return Grid(rows, columns, tuple(tuple(cells.get((r, c)) for c in columns) for r in rows))


def pair(arm: str) -> tuple[str, str]:
    """Method and architecture of an arm named ``method, architecture``; the second may be empty."""
    method, _, architecture = arm.partition(", ")
    return method, architecture


def square_panels(shape: Grid) -> tuple[Drawing, list[list[Axes]]]:
    """Square panels with row and column titles, for pictures of the plane."""
    rows, columns = len(shape.rows), len(shape.columns)
    width = COLUMN if columns <= 2 else TWO_COLUMNS
    drawing = Drawing(figsize=(width, rows * (width - 0.5) / columns + 0.4), layout="constrained")
    panels = drawing.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes, title in zip(panels[0], shape.columns, strict=True):
        axes.set_title(plain(title))
    for row, title in zip(panels, shape.rows, strict=True):
        row[0].set_ylabel(f"{plain(title)}\nx₂" if title else "x₂")
    for axes in panels[-1]:
        axes.set_xlabel("x₁")
    return drawing, [list(row) for row in panels]


def row_of_panels(count: int, height: float) -> tuple[Drawing, list[Axes]]:
    """Panels side by side, at most four in a row."""
    columns = min(count, 4)
    return rows_of_panels(count, columns, COLUMN if columns <= 2 else TWO_COLUMNS, height)


def rows_of_panels(count: int, columns: int, width: float, height: float) -> tuple[Drawing, list[Axes]]:
    """Panels in rows of so many, in a drawing so wide; ``height`` is a row's."""
    rows = -(-count // columns)
    drawing = Drawing(figsize=(width, rows * height), layout="constrained")
    panels = list(drawing.subplots(rows, columns, squeeze=False).ravel())
    for unused in panels[count:]:
        unused.set_axis_off()
    return drawing, panels[:count]
