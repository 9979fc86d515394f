"""Every kind of figure, drawn."""

import textwrap
from collections.abc import Callable, Mapping

from matplotlib.figure import Figure as Drawing

from suite.report.evidence import Evidence
from suite.report.figures import (
    best_of,
    contours,
    curves,
    histograms,
    layers,
    over,
    pairs,
    profiles,
    samples,
    seeds,
    sheets,
    spectra,
    truncation,
)
from suite.report.figures.style import empty, finish, single
from suite.spec.packs.code import Absent, code
from suite.spec.schema import Figure

KINDS: Mapping[str, Callable[[Evidence, Figure], Drawing]] = {
    "layers": layers.draw,
    "histograms": histograms.draw,
    "contours": contours.draw,
    "profiles": profiles.draw,
    "over": over.draw,
    "curves": curves.draw,
    "seeds": seeds.draw,
    "samples": samples.draw,
    "sheets": sheets.draw,
    "pairs": pairs.draw,
    "best_of": best_of.draw,
    "truncation": truncation.draw,
    "spectra": spectra.draw,
}
"""The suite's own; those of kind ``pack`` are drawn by packs."""

ROOM = 48
"""Letters of a note that fit into a panel."""


def draw(evidence: Evidence, figure: Figure) -> Drawing:
    """One figure of a study. A panel without data says so."""
    try:
        drawing = of_pack(evidence, figure) if figure.kind == "pack" else KINDS[figure.kind](evidence, figure)
    except Absent as error:
        drawing = without_pack(error)
    finish(drawing)
    return drawing


def of_pack(evidence: Evidence, figure: Figure) -> Drawing:
    """A figure that a pack draws; ``Absent`` where the pack is not here."""
    drawing: Drawing = code("figures", figure.use or "", figure.options)(evidence, figure)
    return drawing


def without_pack(error: Absent) -> Drawing:
    """In the place of a figure, why there is none."""
    drawing, axes = single(height=1.2)
    axes.set_axis_off()
    lines = str(error).splitlines()
    empty(axes, "\n".join(textwrap.fill(line.strip(), ROOM, break_on_hyphens=False) for line in lines))
    return drawing
