"""Variety and fidelity by the threshold of truncation, as in BigGAN's figure 2."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from suite.metrics.truncation import MEANINGS, READ, THRESHOLDS
from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import style
from suite.report.figures.groups import finished, groups, nothing, seeds
from suite.spec.schema import Figure

SERIES = "truncation.curves"
HEIGHT = 2.9
NAMED = (2.0, 1.0, 0.5, 0.25, 0.04)
"""Thresholds that are written beside the paper's own curve."""
LABELS = {
    "resample": "drawn again (the paper)",
    "clamp": "clamped",
    "scale": "scaled",
    "squeeze": "drawn again beyond 2, scaled",
}


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """Of the first arm: left variety against the threshold, right the score against the Frechet distance.

    A line for each meaning of truncation, the median over seeds; of the paper's every seed thin.
    """
    drawing = Drawing(figsize=(style.TWO_COLUMNS, HEIGHT), layout="constrained")
    left, right = drawing.subplots(1, 2)
    members = groups(evidence, figure)[:1]
    found = [rows[-1] for _, rows in evidence.arrays(finished(evidence, members[0]), SERIES)]
    if not found:
        for axes in (left, right):
            style.empty(axes, nothing(evidence, members))
        return drawing
    curves = np.stack(found)
    _draw_variety(left, curves)
    _draw_fidelity(right, curves)
    handles = [
        Line2D([], [], color=look.color, linestyle=look.dash, marker=look.marker, label=LABELS[meaning])
        for look, meaning in zip(style.looks(len(MEANINGS)), MEANINGS, strict=True)
    ]
    drawing.legend(
        handles=handles, loc="outside upper center", ncols=len(handles), title=_note(evidence, figure)
    )
    return drawing


def _note(evidence: Evidence, figure: Figure) -> str:
    members = groups(evidence, figure)[:1]
    counted = seeds(evidence, members)
    return (
        f"Median of {counted} of {members[0].label}; thin: each seed, of the paper's way; numbers: threshold"
    )


def _draw_variety(axes: Axes, curves: Array) -> None:
    varied = curves[..., READ.index("diversity")]
    thresholds = np.broadcast_to(np.array(THRESHOLDS), varied.shape)
    _draw(axes, thresholds, varied)
    on.set_scale(axes, "x", "log", thresholds)
    on.set_labels(axes, "Threshold", "Variety within a class (real images: 1)")


def _draw_fidelity(axes: Axes, curves: Array) -> None:
    distance, score = (curves[..., READ.index(name)] for name in ("frechet", "score"))
    _draw(axes, distance, score)
    on.set_scale(axes, "x", "log", distance)
    on.set_labels(axes, "Frechet distance", "Classifier score")
    for threshold in NAMED:
        at = THRESHOLDS.index(threshold)
        place = float(np.median(distance[:, 0, at])), float(np.median(score[:, 0, at]))
        axes.annotate(f"{threshold:g}", place, textcoords="offset points", xytext=(3, 3), fontsize=6)


def _draw(axes: Axes, x: Array, y: Array) -> None:
    """Lines of ``x`` and ``y``, both [seeds, meanings, thresholds]."""
    for index, look in enumerate(style.looks(len(MEANINGS))):
        if index == 0:
            axes.plot(x[:, 0].T, y[:, 0].T, color=look.color, linewidth=0.5, alpha=0.5)
        middle = np.median(x[:, index], axis=0), np.median(y[:, index], axis=0)
        axes.plot(
            *middle, color=look.color, linestyle=look.dash, linewidth=1.2, marker=look.marker, markersize=3
        )
