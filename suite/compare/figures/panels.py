"""How the sides are drawn, and panels that each hold both."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from suite.compare.evidence import Both
from suite.report.evidence import Array, Evidence
from suite.report.figures import style
from suite.report.figures.grid import rows_of_panels
from suite.report.figures.groups import Group, groups
from suite.spec.schema import Figure

ACROSS = 3
"""Panels side by side."""
HIGH, HEAD = 1.75, 0.45
"""Inches of height of a row of panels and of what is above all."""
LETTERS = 13
"""Letters of a title to the inch."""
LEAST = 0.11
"""Share of a panel's height between two numbers."""
FAINT = 0.16
"""Of a band."""


class Hand(NamedTuple):
    """How a side is drawn: by colour, and in grey by dash and marker. The older one is thin and in front,
    so that the newer one can be seen where both are alike.
    """

    name: str
    color: Any
    dash: Any
    marker: str
    width: float
    order: float

    def handle(self, *, line: bool = True, marker: bool = False, hollow: bool = False) -> Line2D:
        """The legend's entry."""
        return Line2D(
            [],
            [],
            color=self.color,
            linestyle=self.dash if line else "",
            linewidth=self.width,
            marker=self.marker if marker else "",
            markersize=4,
            markerfacecolor="none" if hollow else self.color,
            label=self.name,
        )

    def median(self, axes: Axes, x: Array, values: Array) -> None:
        """Draw the median of ``values`` [seeds, points] over a band from the least to the greatest."""
        low, high = values.min(axis=0), values.max(axis=0)
        axes.fill_between(x, low, high, color=self.color, alpha=FAINT, linewidth=0)
        look: dict[str, Any] = {"color": self.color, "linestyle": self.dash, "linewidth": self.width}
        axes.plot(x, np.median(values, axis=0), zorder=self.order, **look)


def hands() -> tuple[Hand, Hand]:
    """Of before and after: blue and vermilion, which the colour-blind tell apart."""
    looks = style.looks(4)
    before = Hand("before", looks[0].color, (0, (4, 2)), "o", 1.1, 3.0)
    return before, Hand("after", looks[3].color, "-", "D", 1.9, 2.0)


def sides(both: Both) -> Iterator[tuple[Hand, Evidence]]:
    """Each side with its hand."""
    yield from zip(hands(), (both.before, both.after), strict=True)


def changed(both: Both, figure: Figure, along: str | None = None) -> list[Group]:
    """The groups of a figure of which a run has changed."""
    found = groups(both.after, figure, along=along)
    return [group for group in found if any(both.has_changed(c) for c in group.conditions)]


def panels(titles: Sequence[str], high: float = HIGH) -> tuple[Drawing, list[Axes]]:
    """Panels with titles, at most three side by side; a single one is a column wide."""
    columns = 2 if len(titles) == 4 else min(len(titles), ACROSS)
    width = style.COLUMN if columns == 1 else style.TWO_COLUMNS
    drawing, all_ = rows_of_panels(len(titles), columns, width, high)
    drawing.set_figheight(drawing.get_figheight() + HEAD)
    for axes, title in zip(all_, titles, strict=True):
        axes.set_title(style.plain(textwrap.fill(title, int(LETTERS * width / columns))), fontsize=7)
    return drawing, all_


def label(drawing: Drawing, x: str, y: str = "") -> None:
    """What lies along the axes of all panels."""
    drawing.supxlabel(style.plain(textwrap.fill(x, style.NOTE)), fontsize=8)
    if y:
        drawing.supylabel(style.plain(textwrap.fill(y, 34)), fontsize=8)


def space_ticks(axes: Axes) -> None:
    """Leave out the numbers of a symmetrical logarithmic axis that would stand on others, around 0."""
    if axes.get_yscale() != "symlog":
        return
    low, high = sorted(axes.get_ylim())
    ticks = [float(tick) for tick in axes.get_yticks() if low <= tick <= high]
    heights = axes.transAxes.inverted().transform(axes.transData.transform([(0.0, tick) for tick in ticks]))
    kept: dict[float, float] = {}
    for tick, height in sorted(zip(ticks, heights[:, 1], strict=True), key=lambda each: abs(each[0])):
        if all(abs(height - other) >= LEAST for other in kept.values()):
            kept[tick] = float(height)
    axes.set_yticks(sorted(kept))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylim(low, high)


def legend(drawing: Drawing, handles: Sequence[Line2D], note: str | None = None) -> None:
    """Above the panels, where it covers no data."""
    longest = max(len(str(handle.get_label())) for handle in handles)
    room = int(style.NOTE * drawing.get_figwidth() / style.COLUMN)
    columns = max(min(room // (longest + style.SWATCH), len(handles)), 1)
    drawing.legend(handles=handles, loc="outside upper left", ncols=columns, title=note)
