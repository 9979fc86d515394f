"""Pictures of a report, small enough to be committed."""

import io
import shutil
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import sync_playwright

FIGURES: Final = {
    "value_surfaces.png": "wgan-gp-value-surfaces--desk--value-surfaces.png",
    "gradient_norms.png": "wgan-gp-gradient-norms--desk--gradient-norms.png",
    "slopes.png": "wgan-gp-gradient-norms--desk--slopes.png",
    "generators.png": "wgan-generator-robustness--desk--sheets.png",
    "loss_and_quality.png": "wgan-loss-tracks-quality--desk--correlation.png",
}
CARD: Final = "claim_on_the_page.png", "#claim--wgan-gp-gradient-norms--desk--clip-0-1-explodes"
"""A picture of one claim on the page, and where that is."""
CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
WIDTH: Final = 900
"""Of the window that the claim is pictured in, in pixels."""
LARGEST, COLOURS, NARROWER = 400_000, 256, 0.9
"""Bytes of a picture, colours that it keeps, and the factor of its width where it is still too large."""


def write(report: Path, images: Path) -> None:
    """Copy the figures of a report into the folder of the documentation's images."""
    images.mkdir(exist_ok=True)
    for name, drawn in FIGURES.items():
        (images / name).write_bytes(small((report / "figures" / drawn).read_bytes()))
    name, place = CARD
    (images / name).write_bytes(small(on_the_page(report / "index.html", place)))


def on_the_page(page: Path, place: str) -> bytes:
    """What a browser shows of one part of a page."""
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, CHROMIUM)), None)
        browser = playwright.chromium.launch(executable_path=path)
        try:
            opened = browser.new_page(viewport={"width": WIDTH, "height": 800})
            opened.goto(page.resolve().as_uri())
            return opened.locator(place).screenshot()
        finally:
            browser.close()


def small(content: bytes) -> bytes:
    """A picture as a PNG of few colours, made narrower until it has at most ``LARGEST`` bytes."""
    with Image.open(io.BytesIO(content)) as opened:
        picture = opened.convert("RGB")
    while True:
        buffer = io.BytesIO()
        picture.quantize(COLOURS).save(buffer, "PNG", optimize=True)
        if buffer.tell() <= LARGEST:
            return buffer.getvalue()
        width, height = (round(side * NARROWER) for side in picture.size)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
