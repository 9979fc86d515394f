"""Scales, reference lines and marks that several families share."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FormatStrFormatter, MaxNLocator, NullLocator
from numpy.typing import NDArray

from suite.report.figures.style import GREY, Look, plain, wrapped
from suite.spec.schema import Figure

WRAP = 48
BESIDE_NAMES = 42
"""Letters along x where the names of arms take room on the left."""
NARROW = 4.0
"""Where the largest size is less than so many times the least, labels are as on a linear axis."""
TICKED = ((10.0, (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)), (100.0, (1.0, 2.0, 5.0)), (1000.0, (1.0, 3.0)))
"""What is labelled in each decade where the largest size is less than so many times the least."""
NEAR_ZERO = 0.1
"""The share of all sizes that may lie where a symlog axis is linear."""
FAR = 5.0
"""Values may reach so many times as far as the middle nine tenths of them before some are cut off."""
TICKS = 3
"""Powers of ten that are labelled on each side of zero."""
_REFERENCE_DASHES = ((0, (4, 2)), (0, (1, 1.5)), (0, (6, 1.5, 1, 1.5)))
Values = NDArray[np.float64]


def set_scale(axes: Axes, axis: str, scale: str, values: Values) -> None:
    """Scale the ``x`` or ``y`` axis; symlog is linear below a size that all but the smallest have."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    if scale == "linear" or sizes.size == 0:
        return
    least = float(np.quantile(sizes, NEAR_ZERO, method="lower") if scale == "symlog" else sizes.min())
    options = {"linthresh": least} if scale == "symlog" else {}
    (axes.set_xscale if axis == "x" else axes.set_yscale)(scale, **options)
    along = axes.xaxis if axis == "x" else axes.yaxis
    tiers = TICKED[1:2] if scale == "symlog" else TICKED
    labelled = next((subs for most, subs in tiers if sizes.max() < most * least), None)
    if labelled is not None:
        _tick_within_decades(along, labelled, narrow=scale == "log" and sizes.max() < NARROW * least)
    elif scale == "symlog":
        along.set_major_locator(FixedLocator(_powers(values[np.isfinite(values)], least)))
        along.set_minor_locator(NullLocator())


def _tick_within_decades(axis: Axis, labelled: tuple[float, ...], narrow: bool) -> None:
    """Label some values in each decade: powers of ten alone would leave few labels."""
    if narrow:
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    else:
        axis.get_major_locator().set_params(subs=labelled)  # type: ignore[call-arg]
    axis.set_major_formatter(FormatStrFormatter("%g"))
    axis.set_minor_locator(NullLocator())


def _powers(values: Values, least: float) -> list[float]:
    """Zero and a few powers of ten within the values, none next to zero, whose label it would lie on."""
    last = math.floor(math.log10(np.abs(values).max()))
    first = math.floor(math.log10(least)) + (2 if values.min() <= 0 else 1)
    sizes = [10.0**power for power in range(last, first - 1, -max(-(-(last - first) // (TICKS - 1)), 1))]
    return [0.0, *(s for s in sizes if s <= values.max()), *(-s for s in sizes if -s >= values.min())]


def set_labels(axes: Axes, x: str, y: str, room: int = WRAP) -> None:
    """Label both axes, in several lines where the text is long: longer than ``room`` letters along x."""
    axes.set_xlabel(plain(wrapped(x, room)))
    axes.set_ylabel(plain(wrapped(y, 34)))


def leave_out_the_far(axes: Axes, values: Values, middles: Values) -> bool:
    """Where a few values lie so far from all others that these could not be told apart, limit the vertical
    axis to the ``middles`` and nine tenths of the values. Whether it did.
    """
    transform = axes.yaxis.get_transform()
    shown, kept = (transform.transform(each[np.isfinite(each)]) for each in (values, middles))
    if shown.size == 0 or kept.size == 0:
        return False
    low, high = np.quantile(shown, [0.05, 0.95])
    low, high = min(low, kept.min()), max(high, kept.max())
    if low == high or np.ptp(shown) <= FAR * (high - low):
        return False
    margin = 0.15 * (high - low)
    axes.set_ylim(*transform.inverted().transform(np.array([low - margin, high + margin])))
    return True


def median(values: Values) -> float:
    """Of the seeds that have a value, infinite ones among them: where most are, it is drawn nowhere."""
    kept = values[~np.isnan(values)]
    return float(np.median(kept)) if kept.size else np.nan


def references(axes: Axes, figure: Figure, vertical: bool = False) -> list[Line2D]:
    """Draw the figure's reference lines; the handles of their legend."""
    handles = []
    for index, (name, value) in enumerate(figure.reference.items()):
        dash = _REFERENCE_DASHES[index % len(_REFERENCE_DASHES)]
        line = axes.axvline if vertical else axes.axhline
        line(value, color=GREY, linestyle=dash, linewidth=0.9, zorder=1)
        handles.append(Line2D([], [], color=GREY, linestyle=dash, linewidth=0.9, label=plain(name)))
    return handles


def handle(look: Look, label: str, marker: bool = False) -> Line2D:
    """A legend's entry for a look."""
    return Line2D(
        [],
        [],
        color=look.color,
        linestyle=look.dash,
        linewidth=1.4,
        marker=look.marker if marker else "",
        markersize=4,
        label=plain(wrapped(label, WRAP)),
    )


def cross(label: str = "diverged run") -> Line2D:
    """A legend's entry for runs without a number."""
    return Line2D([], [], color=GREY, marker="x", linestyle="", markersize=5, label=label)


def beyond() -> Line2D:
    """A legend's entry for values beyond the axis."""
    return Line2D([], [], color=GREY, marker="v", linestyle="", markersize=4, label="seed beyond the axis")
