"""The expected best of several draws against their number: what a budget of tuning runs buys."""

import numpy as np
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import MaxNLocator

from suite.judge.best import expected_best
from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import labels, style
from suite.report.figures.groups import looks_of
from suite.spec.schema import Figure
from suite.streams import stream

RESAMPLES = 1000
BAND = (10, 90)
"""Percentiles of the bootstrap that are shaded."""


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """A line an arm, its band by resampling the draws; the best is the lowest where a claim says so."""
    drawing, axes = style.single()
    arms = figure.arms or tuple(evidence.study.experiment.arms)
    sign = -1 if _lower_is_better(evidence, figure) else 1
    drawn = []
    for arm, look in zip(arms, looks_of(evidence, arms), strict=True):
        values = _values(evidence, figure, arm, sign)
        if values.size == 0:
            continue
        tries = np.arange(1, len(values) + 1)
        axes.plot(tries, sign * curve(values), color=look.color, linestyle=look.dash, linewidth=1.2)
        low, high = np.sort(sign * band(values), axis=0)
        axes.fill_between(tries, low, high, color=look.color, alpha=0.15, linewidth=0)
        drawn.append(on.handle(look, arm))
    if not drawn:
        style.empty(axes, "no runs")
        return drawing
    on.set_labels(axes, figure.x_label or "Tuning runs", labels.of_metric(evidence.study.experiment, figure))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    note = "Expected best of that many draws; shaded: 10 % to 90 % of resampled draws"
    style.legend(drawing, [*drawn, *on.references(axes, figure)], note)
    return drawing


def curve(values: Array) -> Array:
    """The expected maximum of 1, 2 and so on of the values."""
    return np.array([float(expected_best(values, tries)) for tries in range(1, len(values) + 1)])


def band(values: Array) -> Array:
    """Two percentiles [2, n] of the curves of resampled values."""
    n = len(values)
    rows = stream("protocol", f"bootstrap of {n} draws").integers(0, n, (RESAMPLES, n))
    curves = np.stack([expected_best(values[rows], tries) for tries in range(1, n + 1)], axis=1)
    return np.percentile(curves, BAND, axis=0)


def _values(evidence: Evidence, figure: Figure, arm: str, sign: int) -> Array:
    """The first run of each draw, higher being better; those that diverged as the worst that did not."""
    firsts = [run for run in evidence.firsts(arm, figure.where) if run is not None]
    values = sign * np.array([evidence.number(run, figure.y or "") for run in firsts])
    known = np.isfinite(values)
    return np.where(known, values, values[known].min()) if known.any() else np.zeros(0)


def _lower_is_better(evidence: Evidence, figure: Figure) -> bool:
    claims = evidence.study.experiment.claims.values()
    return any(claim.metric == figure.y and claim.better == "lower" for claim in claims)
