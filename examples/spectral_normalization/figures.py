"""The paper's Figure 3: what weights are made of, by arm."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from suite.report.evidence import Array, Evidence
from suite.report.figures import style
from suite.report.figures.groups import Group, groups, nothing
from suite.spec.schema import Figure

VALUES = "spectral-normalization/singular_values.values"


def spectra(evidence: Evidence, figure: Figure, layers: int) -> Drawing:
    """Squared singular values at the end of training, over the largest: a panel a layer, a line an arm."""
    members = groups(evidence, figure)
    tables = [_last(evidence, group) for group in members]
    found = [table for table in tables if table is not None]
    if not found:
        drawing, axes = style.single()
        style.empty(axes, nothing(evidence, members))
        return drawing
    count = min(layers, max(table.shape[1] for table in found))
    drawing = Drawing(figsize=(style.TWO_COLUMNS, style.HEIGHT), layout="constrained")
    panels = drawing.subplots(1, count, sharey=True, squeeze=False)[0]
    for layer, axes in enumerate(panels):
        axes.set_title(f"layer {layer + 1}")
        axes.set_xlabel("index")
        for group, table in zip(members, tables, strict=True):
            if table is not None and layer < table.shape[1]:
                _draw(axes, group, table[:, layer])
    panels[0].set_ylabel("squared singular value\nover the largest")
    style.legend(drawing, [_handle(group) for group in members], "Median over seeds, and their range")
    return drawing


def _last(evidence: Evidence, group: Group) -> Array | None:
    """The values of every run that finished, [runs, layers, values]; None where there is none."""
    runs = [record for condition in group.conditions for record in evidence.finished(condition)]
    found = [values[-1] for _, values in evidence.arrays(runs, VALUES)]
    return np.stack(found) if found else None


def _draw(axes: Axes, group: Group, values: Array) -> None:
    known = values[:, ~np.isnan(values).any(axis=0)]
    shares = (known / known[:, :1]) ** 2
    index = np.arange(1, shares.shape[1] + 1)
    color, dash = group.look.color, group.look.dash
    axes.plot(index, np.median(shares, axis=0), color=color, linestyle=dash, linewidth=1.2)
    axes.fill_between(index, shares.min(axis=0), shares.max(axis=0), color=color, alpha=0.15, linewidth=0)


def _handle(group: Group) -> Line2D:
    color, dash = group.look.color, group.look.dash
    return Line2D([], [], color=color, linestyle=dash, linewidth=1.2, label=style.plain(group.label))
