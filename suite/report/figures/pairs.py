"""A metric of two arms against each other, every draw a dot, and how many succeed with which."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from suite.judge.draws import counted
from suite.judge.values import Counts, Sample
from suite.report import words
from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import labels, style
from suite.spec.schema import Claim, Figure

WIDTHS = (0.14, 0.24, 0.28, 0.16, 0.18)
"""Of the table's columns."""
ROW = 0.17
"""Height of a line of the table, in inches."""
HEADINGS = ("only {}", "only {}", "both", "neither")


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """The first arm across, the second up, the cuts of paired rates as lines, and below the table of
    counts, a line a cut.
    """
    first, second = _columns(evidence, figure)
    claims = _claims(evidence, figure) if len(first) else []
    drawing = Drawing(figsize=(style.COLUMN, 3.1 + ROW * (len(claims) + 1)), layout="constrained")
    above, below = drawing.subplots(2, height_ratios=[2.6, 0.3 + ROW * (len(claims) + 1)])
    below.set_axis_off()
    if not np.isfinite(np.concatenate([first, second])).any():
        style.empty(above, "no runs")
        return drawing
    _dots(above, figure, (first, second))
    for claim in claims:
        for line in (above.axvline, above.axhline):
            line(claim.cut or 0.0, color=style.GREY, linestyle=":", linewidth=0.9, zorder=1)
    what = labels.of_metric(evidence.study.experiment, figure)
    drawn = f"{what}: {len(first)} draws, a run of each arm{'; dotted: cuts' if claims else ''}"
    style.legend(drawing, [], drawn)
    if claims:
        _table(below, figure, [(claim, _counts(claim, figure, first, second)) for claim in claims])
    return drawing


def _columns(evidence: Evidence, figure: Figure) -> Array:
    """Each arm's numbers of the draws that both have a run of, in their order; NaN where one has no value."""
    draws = zip(*(evidence.firsts(arm, figure.where) for arm in figure.arms), strict=True)
    pairs = [(first, second) for first, second in draws if first is not None and second is not None]
    rows = [[evidence.number(run, figure.y or "") for run in pair] for pair in pairs]
    return np.array(rows, dtype=np.float64).reshape(-1, 2).T


def _claims(evidence: Evidence, figure: Figure) -> list[Claim]:
    """The paired rates of this metric and these arms, one of each cut, by cut."""
    claims = evidence.study.experiment.claims.values()
    by_cut = {
        claim.cut or 0.0: claim
        for claim in claims
        if claim.kind == "paired_rate"
        and claim.metric == figure.y
        and {claim.arm, claim.versus} == set(figure.arms)
    }
    return [by_cut[cut] for cut in sorted(by_cut)]


def _counts(claim: Claim, figure: Figure, first: Array, second: Array) -> Counts:
    """Of the second arm against the first, whichever of them the claim favours."""
    arm, versus = (tuple(None if np.isnan(v) else float(v) for v in column) for column in (second, first))
    return counted(claim, Sample(arm, versus))


def _dots(axes: Axes, figure: Figure, columns: tuple[Array, Array]) -> None:
    first, second = columns
    both = np.concatenate(columns)
    ends = float(np.nanmin(both)), float(np.nanmax(both))
    for scale in ("x", "y"):
        on.set_scale(axes, scale, figure.y_scale, both)
    axes.plot(ends, ends, color="0.8", linewidth=0.9, zorder=0)
    axes.scatter(first, second, s=16, color=style.looks(1)[0].color, alpha=0.75, linewidths=0)
    on.set_labels(axes, figure.arms[0], figure.arms[1])
    lost = int(np.isnan(first).sum()), int(np.isnan(second).sum())
    if any(lost):
        told = f"no value: {lost[0]} of {figure.arms[0]}, {lost[1]} of {figure.arms[1]}"
        axes.text(0.98, 0.02, told, transform=axes.transAxes, ha="right", va="bottom", fontsize=6.5)


def _table(axes: Axes, figure: Figure, rows: list[tuple[Claim, Counts]]) -> None:
    names = (figure.arms[0], figure.arms[1])
    headings = ["cut", *(text.format(name) for text, name in zip(HEADINGS, (*names, "", ""), strict=True))]
    cells = [
        [words.number(claim.cut), *map(str, (c.only_versus, c.only_arm, c.both, c.neither))]
        for claim, c in rows
    ]
    table = axes.table(
        cellText=cells,
        colLabels=headings,
        colWidths=WIDTHS,
        loc="center",
        cellLoc="center",
        edges="horizontal",
    )
    table.auto_set_font_size(False)
    table.set_fontsize(7)
