"""Every kind of figure, drawn."""

import textwrap
from collections.abc import Callable, Iterable, Mapping

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
from suite.report.figures.style import empty, finish, plain, single
from suite.spec.packs.code import Absent, code
from suite.spec.packs.faulty import Faulty, gave
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
    """A figure that a pack draws; ``Absent`` where the pack is not here, ``Faulty`` where it gives none."""
    use = figure.use or ""
    drawing = code("figures", use, figure.options)(evidence, figure)
    if not isinstance(drawing, Drawing):
        raise gave("figures", use, drawing, "a matplotlib.figure.Figure")
    return drawing


def without_pack(error: Absent) -> Drawing:
    """In the place of a figure, why there is none."""
    return _sentence(str(error).splitlines())


def not_drawn(error: Faulty) -> Drawing:
    """In the place of a figure, what is wrong with the code that was to draw it."""
    folder, _, place = error.place.rpartition("/")
    drawing = _sentence([f"{error.about}: {error.fault.splitlines()[0]}", place if folder else error.place])
    finish(drawing)
    return drawing


def _sentence(lines: Iterable[str]) -> Drawing:
    drawing, axes = single(height=1.2)
    axes.set_axis_off()
    wrapped = (textwrap.fill(plain(line.strip()), ROOM, break_on_hyphens=False) for line in lines if line)
    empty(axes, "\n".join(wrapped))
    return drawing
