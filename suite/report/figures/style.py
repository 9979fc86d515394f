"""The look all figures share: column width, small type, colours that the colour-blind tell apart."""

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

COLUMN, TWO_COLUMNS = 3.4, 7.0
"""Widths in inches."""
HEIGHT = 2.4
MOST_TICKS = 7
"""Intervals between ticks of a horizontal axis, at most."""
NOTE = 62
"""Letters that fit into a column."""
SWATCH = 9
"""Letters that a legend's line and the gaps take the place of."""
GREY = "0.45"

_RC: dict[Any, Any] = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.title_fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 2.8,
    "legend.columnspacing": 1.2,
    "axes.linewidth": 0.7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "axes.grid": False,
    "text.usetex": False,
    "figure.constrained_layout.h_pad": 0.03,
    "figure.constrained_layout.w_pad": 0.03,
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
    "svg.hashsalt": "suite",
}
COLORS = (
    "#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc", "#56b4e9",
    "#882255", "#a87b45", "#332288", "#777777",
)  # fmt: skip
"""Seaborn's for the colour-blind; in the place of those that are hard to see on white, dark ones."""
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)), (0, (5, 2, 5, 2, 1, 2)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")


class Look(NamedTuple):
    """How one of several compared things is drawn: by colour, and in grey by dash and marker."""

    color: Any
    dash: Any
    marker: str


@contextmanager
def styled() -> Iterator[None]:
    """Within, everything is drawn and saved in the suite's style, whatever the user's own is."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        yield


def looks(count: int) -> list[Look]:
    """Looks for ``count`` things."""
    return [
        Look(COLORS[i % len(COLORS)], _DASHES[i % len(_DASHES)], _MARKERS[i % len(_MARKERS)])
        for i in range(count)
    ]


def single(height: float = HEIGHT) -> tuple[Drawing, Axes]:
    """A drawing of one panel, a column wide."""
    drawing = Drawing(figsize=(COLUMN, height), layout="constrained")
    axes = drawing.subplots()
    axes.locator_params(axis="x", nbins=MOST_TICKS)
    return drawing, axes


def legend(drawing: Drawing, handles: Sequence[Line2D], note: str = "") -> None:
    """A legend above the panels, where it covers no data, with a note on what is drawn."""
    if handles or note:
        room = room_of(drawing)
        ncols = legend_columns([len(str(handle.get_label())) for handle in handles], room)
        title = wrapped(note, room) or None
        drawing.legend(handles=handles, loc="outside upper center", ncols=ncols, title=title)


def room_of(drawing: Drawing) -> int:
    """Letters of a note that fit across a drawing."""
    return int(NOTE * drawing.get_figwidth() / COLUMN)


def legend_columns(letters: Sequence[int], room: int) -> int:
    """Most columns of entries of so many letters that fit into the room and are about equally full."""
    for count in range(len(letters), 1, -1):
        rows = -(-len(letters) // count)
        columns = np.array_split(np.array(letters), count)  # As matplotlib fills them.
        fits = sum(int(column.max()) + SWATCH for column in columns) <= room
        if fits and count == -(-len(letters) // rows):
            return count
    return 1


def wrapped(text: str, letters: int) -> str:
    """The text in lines of at most ``letters``, of which none is much shorter than the others."""
    lines = len(textwrap.wrap(text, letters))
    if lines < 2:
        return textwrap.fill(text, letters)
    narrowest = max(map(len, text.split()))
    widths = range(min(narrowest, letters), letters + 1)
    return next(textwrap.fill(text, width) for width in widths if len(textwrap.wrap(text, width)) <= lines)


def empty(axes: Axes, text: str) -> None:
    """Say in a panel that there is nothing to draw."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=GREY)
    axes.set_xticks([])
    axes.set_yticks([])


def plain(text: str) -> str:
    """The text with no dollar sign that would begin a formula."""
    return text.replace("$", r"\$")


def finish(drawing: Drawing) -> None:
    """Take away the frame's upper and right edges."""
    sns.despine(drawing)
