"""Films of generated images for the page: one of each condition, links to those of other seeds."""

import base64
import io
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

from suite.report import words
from suite.report.evidence import StoredEvidence
from suite.report.naming import anchor
from suite.spec.runs import Condition
from suite.store.record import Record
from suite.store.sheets import NAME

ITERATIONS = "sheet.images:iterations"
PNG = b"\x89PNG\r\n\x1a\n"
PNG_SIZE = (slice(16, 20), slice(20, 24))
"""Where a PNG file says how many pixels wide and high it is."""
LARGE, QUALITY = 64_000, 75
"""A film of more bytes is shown as WebP of this quality; the file that is linked to is exact."""


class Film(NamedTuple):
    """An inlined film: frames of ``width`` x ``height`` pixels, one above another."""

    seed: int
    data: str
    width: int
    height: int
    iterations: tuple[int, ...]
    exact: bool
    """Whether every pixel is as it was generated."""


class SheetView(NamedTuple):
    """A condition: the film of its first finished seed, or why there is none, and all films."""

    place: str
    title: str
    film: Film | None
    missing: str
    files: tuple[tuple[str, str], ...]
    """Seeds and addresses, relative to the page."""


def sheets(evidence: StoredEvidence) -> tuple[SheetView, ...]:
    """The conditions whose runs take pictures, in the order of the file; none before any run."""
    found = tuple(
        _sheet(evidence, condition)
        for condition in evidence.study.conditions
        if condition.setting.probes.sheet is not None
    )
    return found if any(view.files for view in found) else ()


def _sheet(evidence: StoredEvidence, condition: Condition) -> SheetView:
    title = words.condition(condition.arm, condition.levels)
    study = evidence.study
    return SheetView(
        place=anchor("sheet", study.name, study.scale, title),
        title=title,
        film=next((film for r in evidence.finished(condition) if (film := _film(evidence, r))), None),
        missing=_missing(evidence, condition),
        files=tuple(_files(evidence, condition)),
    )


def _missing(evidence: StoredEvidence, condition: Condition) -> str:
    runs, lost = len(evidence.of(condition)), len(evidence.diverged(condition))
    if not runs:
        return "no runs"
    return f"{lost} of {runs} diverged" if lost == runs else "nothing recorded"


def _files(evidence: StoredEvidence, condition: Condition) -> Iterator[tuple[str, str]]:
    """From the report's folder, report/<scale>, to the folders of the runs beside it."""
    for record in evidence.of(condition):
        folder = evidence.store.folder(record.run.id).path
        if (folder / NAME).is_file():
            lost = " (diverged)" if record.outcome.state == "diverged" else ""
            address = "/".join(("../../runs", quote(folder.parent.name), quote(folder.name), NAME))
            yield f"{record.run.seed}{lost}", address


def _film(evidence: StoredEvidence, record: Record) -> Film | None:
    """A run's film; None where its file is missing, damaged, or not of the recorded iterations."""
    iterations = evidence.array(record, ITERATIONS)
    try:
        png = (evidence.store.folder(record.run.id).path / NAME).read_bytes()
    except OSError:
        return None
    width, height = (int.from_bytes(png[place]) for place in PNG_SIZE)
    if iterations is None or not png.startswith(PNG) or not width or not height or height % len(iterations):
        return None
    kind, shown = ("png", png) if len(png) <= LARGE else ("webp", _smaller(png))
    if shown is None:
        return None
    return Film(
        seed=record.run.seed,
        data=f"data:image/{kind};base64,{base64.b64encode(shown).decode()}",
        width=width,
        height=height // len(iterations),
        iterations=tuple(int(i) for i in iterations),
        exact=shown is png,
    )


def _smaller(png: bytes) -> bytes | None:
    """The same picture in fewer bytes; None where it is damaged."""
    from PIL import Image

    buffer = io.BytesIO()
    try:
        Image.open(io.BytesIO(png)).convert("RGB").save(buffer, "WEBP", quality=QUALITY)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    return buffer.getvalue()
