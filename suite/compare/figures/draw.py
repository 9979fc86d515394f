"""A figure of a study with both sides in it, as the bytes of a PNG file."""

import io
from collections.abc import Callable, Mapping

from matplotlib.figure import Figure as Drawing
from PIL import Image

from suite.compare.evidence import Both
from suite.compare.figures import arrays, curves, over, planes, seeds
from suite.report.figures.saved import undrawable
from suite.report.figures.style import finish, styled
from suite.spec.packs.code import Absent
from suite.spec.schema import Figure

KINDS: Mapping[str, Callable[[Both, Figure], Drawing | None]] = {
    "curves": curves.draw,
    "over": over.draw,
    "seeds": seeds.draw,
    "layers": arrays.layers,
    "histograms": arrays.histograms,
    "profiles": arrays.profiles,
    "contours": planes.contours,
    "samples": planes.samples,
}
"""Sheets of images cannot be laid over each other, and draws of two arms are not."""
COLORS = 128
FROM_METRICS = frozenset({"over", "seeds"})
"""What can be drawn without series."""


def draw(both: Both, figure: Figure) -> bytes | None:
    """The picture; None where neither side has anything to draw of a run that has changed, a pack that it
    needs is not here, or what runs have left cannot be drawn, which is noted. The same records give the same
    bytes.
    """
    with styled():
        try:
            drawing = KINDS[figure.kind](both, figure)
        except Absent:
            return None
        except Exception as error:  # Of either side a file may be damaged, or somebody else's.
            undrawable(both.study, figure, error).note()
            return None
        return None if drawing is None else _png(drawing)


def _png(drawing: Drawing) -> bytes:
    """In few colours, which makes the file a third as large."""
    finish(drawing)
    whole, small = io.BytesIO(), io.BytesIO()
    drawing.savefig(whole, format="png", pil_kwargs={"compress_level": 0})
    image = Image.open(whole).convert("RGB")
    image.quantize(COLORS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        small, "PNG", optimize=True
    )
    return small.getvalue()
