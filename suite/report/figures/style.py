"""The look all figures share: column width, small type, colours that the colour-blind tell apart."""

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

COLUMN, TWO_COLUMNS = 3.4, 7.0
"""Widths in inches."""
HEIGHT = 2.4
NOTE = 62
"""Letters that fit into a column."""
SWATCH = 6
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
    "legend.handlelength": 2.2,
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
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


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
    colors = sns.color_palette("colorblind", max(count, 1))
    return [Look(colors[i], _DASHES[i % len(_DASHES)], _MARKERS[i % len(_MARKERS)]) for i in range(count)]


def single(height: float = HEIGHT) -> tuple[Drawing, Axes]:
    """A drawing of one panel, a column wide."""
    drawing = Drawing(figsize=(COLUMN, height), layout="constrained")
    return drawing, drawing.subplots()


def legend(drawing: Drawing, handles: Sequence[Line2D], note: str = "", columns: int = 2) -> None:
    """A legend above the panels, where it covers no data, with a note on what is drawn."""
    if handles or note:
        longest = max((len(str(handle.get_label())) for handle in handles), default=0)
        ncols = min(columns, max(len(handles), 1)) if longest <= NOTE / columns - SWATCH else 1
        title = textwrap.fill(note, NOTE) or None
        drawing.legend(handles=handles, loc="outside upper center", ncols=ncols, title=title)


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
