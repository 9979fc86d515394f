"""What axe, in a headless Chromium, says of a page."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
GRAVE = ("serious", "critical")
LOOKS: list[tuple[int, Literal["light", "dark"]]] = [(1280, "light"), (375, "dark")]
"""Widths of the window and colours that a page is looked at with."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; skips where there is none."""
    if CHROMIUM is None:
        pytest.skip("no chromium on the path: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


def findings(browser: Browser, address: str) -> list[str]:
    """What is serious or critical in any of the looks: rule, and the first place where it is broken."""
    return [
        f"{width} {scheme}: {found['id']}: {found['nodes'][0]['html']}"
        for width, scheme in LOOKS
        for found in violations(browser, address, width, scheme)
        if found["impact"] in GRAVE
    ]


def violations(
    browser: Browser, address: str, width: int, scheme: Literal["light", "dark"]
) -> list[dict[str, object]]:
    """All that axe finds, every part of the page that folds open."""
    page = browser.new_page(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        bypass_csp=True,
        reduced_motion="reduce",
    )
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    found: list[dict[str, object]] = Axe().run(page).response["violations"]
    page.close()
    return found
