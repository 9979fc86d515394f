"""The largest singular value of every layer against the iteration, as in BigGAN's figure 3."""

from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from suite.report.evidence import Array, Evidence
from suite.report.figures import axes as on
from suite.report.figures import style
from suite.report.figures.groups import finished, groups, nothing, seeds
from suite.spec.schema import Figure

HEIGHT = 2.6
PANELS = {"generator": "Generator", "critic": "Discriminator"}


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """Of the first arm: a panel for each network, a line for each layer, the median over seeds.

    Colours go from the layer at the input, dark, to that at the output, light.
    """
    drawing = Drawing(figsize=(style.TWO_COLUMNS, HEIGHT), layout="constrained")
    panels = drawing.subplots(1, len(PANELS), sharey=True)
    members = groups(evidence, figure)[:1]
    for axes, (network, title) in zip(panels, PANELS.items(), strict=True):
        found = _largest(evidence, figure, network)
        if found is None:
            style.empty(axes, nothing(evidence, members))
            continue
        _draw(axes, *found)
        axes.set_title(title)
        on.set_labels(axes, "Iteration", "Largest singular value" if network == "generator" else "")
    ends = [Line2D([], [], color=color, label=end) for end, color in _ends()]
    note = f"A line a layer, median of {seeds(evidence, members)} of {members[0].label}"
    drawing.legend(handles=ends, loc="outside upper center", ncols=len(ends), title=note)
    return drawing


def _ends() -> list[tuple[str, Any]]:
    return list(zip(("layer at the input", "layer at the output"), _colors(2), strict=True))


def _colors(count: int) -> list[Any]:
    """From dark to light, without the lightest, which are hard to see on white."""
    return [sns.color_palette("viridis", as_cmap=True)(each) for each in np.linspace(0.0, 0.9, count)]


def _largest(evidence: Evidence, figure: Figure, network: str) -> tuple[Array, Array] | None:
    """Iterations [points], and values [seeds, points, layers]; None where no run has any."""
    records = finished(evidence, groups(evidence, figure)[0])
    name = f"spectrum.{network}"
    every = evidence.arrays(records, f"{name}_layers")
    found = [(record, rows) for record, rows in every if name in evidence.series(record)]
    if not found:
        return None
    iterations = evidence.series(found[0][0])[name].iterations
    return iterations.astype(np.float64), np.stack([rows[..., 0] for _, rows in found])


def _draw(axes: Axes, iterations: Array, values: Array) -> None:
    middle = np.median(values, axis=0)
    for line, color in zip(middle.T, _colors(middle.shape[1]), strict=True):
        axes.plot(iterations, line, color=color, linewidth=0.9)
    on.set_scale(axes, "y", "log", middle)
