"""What all pages have in common: pictures, templates, and which script they let run."""

import base64
import hashlib
from typing import Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

PNG_WIDTH: Final = slice(16, 20)
"""Where a PNG file says how many pixels wide it is."""
WIDE: Final = 1000
"""Pixels beyond which a picture is of two columns."""


class Inlined(NamedTuple):
    """A picture as a page has it in itself."""

    data: str
    wide: bool


def inlined(png: bytes) -> Inlined:
    """A PNG file's content in the address of an image."""
    data = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return Inlined(data, wide=int.from_bytes(png[PNG_WIDTH]) > WIDE)


def templates() -> Environment:
    """The templates. Every string that is put into one is escaped."""
    return Environment(
        loader=PackageLoader("suite.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def allowed(script: str) -> str:
    """The hash of a page's only script, by which alone the page lets it run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
