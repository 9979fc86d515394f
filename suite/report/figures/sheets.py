"""Generated images in panels, with how good they were judged, as in WGAN-GP's figure 2."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from numpy.typing import NDArray

from suite.plain import number_of
from suite.report import words
from suite.report.evidence import Array, Evidence
from suite.report.figures import style
from suite.report.figures.grid import Grid, crossed, grid
from suite.spec.runs import Condition
from suite.spec.schema import Figure
from suite.spec.sizes import image_shape, is_image, told
from suite.store.record import Record

T = TypeVar("T")
IMAGES = "sheet.images"
MOST, MOST_CROSSED = 4, 7
"""Panels side by side of arms that have no second name, and of others."""
ROWS, COLUMNS = 4, (8, 6, 4)
"""Images in a panel: as many columns as leave an image ``LEAST`` inches, at least the last."""
LEAST = 0.25
GAP, SHARP = 1, 6
"""Pixels between images; each pixel is drawn as so many, so that no viewer blurs it."""
CAPTION, TITLE, NOTE = 0.25, 0.15, 0.3
"""Inches below a panel, those of a line of its title, and those above all panels."""
LETTERS = 14
"""Letters of a title to the inch."""
SMALL = 6.0
BLANK = "0.94"
SHORT = 10
"""Letters of a metric's label that fit before its value."""
DIGITS = 1000.0
"""From here on a value is written as a whole number."""
NOTHING = 1e-12
"""What is less differs from zero by rounding."""


class Layout(NamedTuple):
    """Panels in rows, with the titles above each and, at the left, of each row."""

    rows: tuple[str, ...]
    titles: tuple[tuple[str, ...], ...]
    cells: tuple[tuple[Condition | None, ...], ...]


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """Images of the last point of each panel's first finished seed; below, the median over seeds
    of the metric ``y``, its range, and how many seeds there are.
    """
    layout = arranged(crossed(evidence, figure) or grid(evidence, figure))
    drawing, panels = _panels(layout)
    seeds = set()
    block = ROWS, _columns(layout)
    for axes_row, cells in zip(panels, layout.cells, strict=True):
        for axes, condition in zip(axes_row, cells, strict=True):
            seeds |= _draw_panel(axes, evidence, figure, condition, block)
    most = max((len(evidence.of(cell)) for row in layout.cells for cell in row if cell), default=0)
    note = style.wrapped(_note(evidence, figure, seeds, most), style.room_of(drawing))
    drawing.suptitle(style.plain(note), fontsize=7)
    return drawing


def arranged(shape: Grid) -> Layout:
    """The grid; where it has more columns than fit side by side, the others below."""
    most = MOST if len(shape.rows) == 1 else MOST_CROSSED
    blocks = -(-len(shape.columns) // most)
    across = min(most, len(shape.columns))
    names = _parts(shape.columns, "", across)
    cells = [_parts(row, None, across) for row in shape.cells]
    rows = [[row[block] for row in cells] for block in range(blocks)]
    return Layout(
        shape.rows * blocks,
        tuple(title for own, block in zip(names, rows, strict=True) for title in _titles(own, block)),
        tuple(row for block in rows for row in block),
    )


def _titles(names: Sequence[str], rows: Sequence[Sequence[Condition | None]]) -> list[tuple[str, ...]]:
    """Each column's name above the first of its panels that is not empty."""
    above = [next((i for i, row in enumerate(rows) if row[at] is not None), 0) for at in range(len(names))]
    return [
        tuple(name if i == first else "" for name, first in zip(names, above, strict=True))
        for i in range(len(rows))
    ]


def _parts(values: Sequence[T], unused: T, count: int) -> list[tuple[T, ...]]:
    """So many each, the last ones filled up."""
    filled = [*values, *[unused] * (-len(values) % count)]
    return [tuple(filled[start : start + count]) for start in range(0, len(filled), count)]


def montage(images: Array, shape: tuple[int, int, int], block: tuple[int, int]) -> NDArray[np.uint8]:
    """The first of ``images`` [samples, dimension] in rows, white between and where there is none.

    Shape [height, width, channels]; ``block`` is how many rows and columns there are at the most.
    """
    height, width, channels = shape
    columns = min(block[1], len(images))
    rows = min(block[0], -(-len(images) // columns))
    stack = images[: rows * columns].reshape(-1, height, width, channels)
    sheet = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, channels), 255, np.uint8)
    for index, image in enumerate(stack):
        top, left = index // columns * (height + GAP), index % columns * (width + GAP)
        sheet[top : top + height, left : left + width] = image
    return sheet


def by_class(images: Array, classes: int, columns: int) -> Array:
    """Of images that ask for each of ``classes`` in turn, those of the first ones, so that each class has
    a column of its own; all, where there are no classes or fewer than columns.
    """
    return images if classes < columns else images[np.arange(len(images)) % classes < columns]


def caption(evidence: Evidence, figure: Figure, condition: Condition, shown: Record | None = None) -> str:
    """``FD 38 [35, 44]`` of the finished seeds, and on a line of its own how many seeds there are and what
    that of the images has; of a single one its value alone.
    """
    total, lost = len(evidence.of(condition)), len(evidence.diverged(condition))
    count = number_of(total, "seed") + (f", {lost} diverged" if lost else "")
    if figure.y is None:
        return count
    values = evidence.numbers(condition, figure.y)
    values = values[~np.isnan(values)]
    if values.size == 0:
        return count
    middle, low, high = map(_number, (np.median(values), values.min(), values.max()))
    if total == 1:
        return f"{_short(figure)} {middle}".lstrip()
    here = f"; here {_number(evidence.number(shown, figure.y))}" if shown else ""
    return f"{_short(figure)} {middle} [{low}, {high}]\n{count}{here}".lstrip()


def _short(figure: Figure) -> str:
    """The metric's label where it fits before a value."""
    return figure.y_label if len(figure.y_label) <= SHORT else ""


def _number(value: float) -> str:
    value = 0.0 if abs(value) < NOTHING else value
    return f"{value:.0f}" if DIGITS <= abs(value) < np.inf else words.number(float(value))


def _across(layout: Layout) -> float:
    """Inches that a panel is wide."""
    columns = len(layout.cells[0])
    return (style.COLUMN if columns <= 2 else style.TWO_COLUMNS) / columns


def _columns(layout: Layout) -> int:
    return next((count for count in COLUMNS if _across(layout) / count >= LEAST), COLUMNS[-1])


def _panels(layout: Layout) -> tuple[Drawing, list[list[Axes]]]:
    rows, columns = len(layout.cells), len(layout.cells[0])
    letters = max(int(_across(layout) * LETTERS), 8)
    titles = [[style.wrapped(title, letters) for title in row] for row in layout.titles]
    lines = sum(max(title.count("\n") + 1 if title else 0 for title in row) for row in titles)
    high = rows * (_across(layout) * 0.95 * ROWS / _columns(layout) + CAPTION) + TITLE * lines + NOTE
    drawing = Drawing(figsize=(_across(layout) * columns, high), layout="constrained")
    panels = drawing.subplots(rows, columns, squeeze=False)
    for axes_row, row_titles, name in zip(panels, titles, layout.rows, strict=True):
        for axes, title in zip(axes_row, row_titles, strict=True):
            axes.set_title(style.plain(title), fontsize=7, pad=3)
        axes_row[0].set_ylabel(style.plain(style.wrapped(name, letters)))
    return drawing, [list(row) for row in panels]


def _draw_panel(
    axes: Axes, evidence: Evidence, figure: Figure, condition: Condition | None, block: tuple[int, int]
) -> set[int]:
    """Draw a panel; the seed whose images it shows."""
    axes.set(xticks=[], yticks=[], box_aspect=block[0] / block[1])
    for spine in axes.spines.values():
        spine.set_linewidth(0)
    if condition is None:
        return set()
    found = next(evidence.arrays(evidence.finished(condition), IMAGES), None)
    if evidence.finished(condition):
        told_below = caption(evidence, figure, condition, found[0] if found else None)
        axes.set_xlabel(style.plain(told_below), fontsize=SMALL, labelpad=2)
    data = condition.setting.data
    if found is None or not is_image(data):
        axes.set_facecolor(BLANK)
        style.empty(axes, nothing(evidence, condition))
        return set()
    record, images = found
    sheet = montage(by_class(images[-1], told(condition.setting), block[1]), image_shape(data), block)
    enlarged = sheet.repeat(SHARP, axis=0).repeat(SHARP, axis=1)
    axes.imshow(enlarged, cmap="gray", vmin=0, vmax=255)
    return {record.run.seed}


def nothing(evidence: Evidence, condition: Condition) -> str:
    """Why a panel has no images."""
    records = evidence.of(condition)
    if not records:
        return "no runs"
    if len(evidence.diverged(condition)) == len(records):
        return "diverged" if len(records) == 1 else f"all {len(records)}\ndiverged"
    return "nothing\nrecorded" if evidence.finished(condition) else "none finished"


def _note(evidence: Evidence, figure: Figure, seeds: set[int], most: int) -> str:
    """What the images are, and what stands below them where there are at ``most`` so many seeds."""
    if not seeds:
        return "Images: none"
    pictures = f"Images of the first finished seed ({', '.join(map(str, sorted(seeds)))})"
    if figure.y is None:
        return pictures
    over = ", median [range] over seeds, and that of the images here" if most > 1 else "; a single run each"
    return f"{pictures}; {_meaning(evidence, figure, figure.y)}{over}"


def _meaning(evidence: Evidence, figure: Figure, metric: str) -> str:
    """What stands below the panels."""
    meaning = words.meaning(metric, evidence.study.experiment.metrics[metric])
    return f"{_short(figure)}: {meaning}" if _short(figure) else figure.y_label or meaning
