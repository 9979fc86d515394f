"""A figure as the content of its two files."""

import io
from collections.abc import Mapping
from typing import Final, NamedTuple

from matplotlib.figure import Figure as Drawing

from suite.report.evidence import Evidence
from suite.report.figures.draw import draw, not_drawn
from suite.report.figures.style import styled
from suite.spec.packs.faulty import Faulty, blamed
from suite.spec.schema import Figure
from suite.study import Study

CURE: Final = "is damaged, or the suite is wrong: remove the run's folder, and run again"
UNDATED: Final = {"CreationDate": None, "Creator": None, "Producer": None}


class Saved(NamedTuple):
    """What is in the two files."""

    png: bytes
    pdf: bytes


def saved(evidence: Evidence, figure: Figure) -> Saved:
    """A figure, drawn. Where a pack's code fails, or what runs have left cannot be drawn, that is noted, and
    there is a sentence in its place.
    """
    with styled():
        try:
            return _of_pack(evidence, figure) if figure.kind == "pack" else _own(evidence, figure)
        except Faulty as error:
            error.note()
            return _both(not_drawn(error))


def _own(evidence: Evidence, figure: Figure) -> Saved:
    # Arrays and series are files of their own, of which one may be damaged, or somebody else's.
    try:
        return _both(draw(evidence, figure))
    except Exception as error:
        raise undrawable(evidence.study, figure, error) from error


def undrawable(study: Study, figure: Figure, error: Exception) -> Faulty:
    """What to raise or note where the files of runs are not what a figure needs."""
    fault = f"cannot be drawn from these results: {type(error).__name__}: {error}"
    where = "series.parquet or arrays.npz of one of its runs"
    return Faulty(f"figure {figure.title!r} of {study.name}", fault, where, CURE)


def _of_pack(evidence: Evidence, figure: Figure) -> Saved:
    # What cannot be saved, such as a label with half a formula, is the pack's fault as well.
    with blamed("figures", figure.use or ""):
        return _both(draw(evidence, figure))


def _both(drawing: Drawing) -> Saved:
    png = _saved(drawing, "png", {"Software": None})
    drawing.set_layout_engine("none")  # Everything is in its place.
    return Saved(png, _saved(drawing, "pdf", UNDATED))


def _saved(drawing: Drawing, kind: str, about: Mapping[str, str | None]) -> bytes:
    buffer = io.BytesIO()
    drawing.savefig(buffer, format=kind, metadata=about)
    return buffer.getvalue()
