"""All figures of all studies, drawn and written."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

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
from suite.report.figures.style import empty, finish, single, styled
from suite.report.naming import anchor
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
UNDATED = {"CreationDate": None, "Creator": None, "Producer": None}


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


def write_figures(evidence: Sequence[Evidence], folder: Path) -> dict[tuple[str, str], Path]:
    """Write every figure as PDF and PNG; by study's and figure's name the path of the PNG.

    The same records give the same bytes.
    """
    written = {}
    for each in evidence:
        for name, figure in each.study.experiment.figures.items():
            path = folder / f"{anchor(each.study.name, each.study.scale, name)}.png"
            _write(each, figure, path)
            written[each.study.name, name] = path
    return written


def _write(evidence: Evidence, figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with styled():
        drawing = draw(evidence, figure)
        drawing.savefig(path, metadata={"Software": None})
        drawing.savefig(path.with_suffix(".pdf"), metadata=UNDATED)
