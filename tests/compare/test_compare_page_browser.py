"""What a browser makes of the page of a comparison."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from suite.compare.page import write_page
from tests.compare.pages import HOSTILE, shown

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
VISIBLE = "e => [...document.querySelectorAll(e)].filter(each => each.offsetParent !== null).length"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_page(shown(), tmp_path_factory.mktemp("page"), "command").as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on the path: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


def opened(
    browser: Browser, address: str, width: int = 1280, scheme: str = "light"
) -> tuple[Page, list[str]]:
    """The page, and a list that complaints and requests are added to."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: heard.append(request.url))
    page.goto(address)
    return page, heard


@pytest.mark.parametrize("width", [375, 1280])
def test_the_page_fits_its_window_and_asks_for_nothing(browser: Browser, address: str, width: int) -> None:
    page, heard = opened(browser, address, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.images.length > 0 && [...document.images].every(i => i.naturalWidth > 0)")
    assert [entry for entry in heard if not entry.startswith("data:")] == [address]


def test_the_keyboard_chooses_marks(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    told = page.locator("#filter output")
    assert told.inner_text() == "3 of 3 claims shown"
    page.get_by_role("checkbox", name="identical").focus()
    page.keyboard.press("Space")
    assert told.inner_text() == "2 of 3 claims shown"
    assert page.evaluate(VISIBLE, "tr[data-marks=identical]") == 0
    assert page.evaluate(VISIBLE, "article") == 1


def test_what_has_no_claim_left_is_hidden_until_all_are_back(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    parts = "[data-marks]"
    whole = page.evaluate(VISIBLE, parts)
    page.get_by_role("button", name="None").press("Enter")
    assert page.evaluate(VISIBLE, parts) == 0
    assert page.locator("#filter output").inner_text() == "0 of 3 claims shown"
    page.get_by_role("button", name="All").click()
    assert page.evaluate(VISIBLE, parts) == whole > 3


def test_a_claim_leads_to_its_picture(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address)
    page.click("table a[href*=other]")
    assert page.locator(":target svg").count() == 1


def test_without_a_script_everything_is_shown(browser: Browser, address: str) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(address)
    assert page.locator("#filter").is_hidden()
    rows = page.locator("tr[data-marks]")
    assert [rows.nth(i).is_visible() for i in range(rows.count())] == [True] * 3


def test_injected_markup_is_text(browser: Browser, address: str) -> None:
    page, heard = opened(browser, address)
    assert page.title() == f"old against {HOSTILE}: Wasserstein GANs"
    assert page.locator("script").count() == 1
    assert HOSTILE in page.locator("h1").inner_text()
    assert not [entry for entry in heard if "Security" in entry]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sides_names_have_the_contrast_that_wcag_asks_for(
    browser: Browser, address: str, scheme: str
) -> None:
    page, _ = opened(browser, address, scheme=scheme)
    colors = page.evaluate(
        "names => names.map(n => getComputedStyle(document.documentElement).getPropertyValue('--' + n))",
        ["before", "after", "ground", "raised"],
    )
    before, after, ground, raised = map(luminance, colors)
    for ink in (before, after):
        assert min(contrast(ink, ground), contrast(ink, raised)) >= 4.5


def luminance(color: str) -> float:
    """WCAG 2's relative luminance of #rrggbb."""
    parts = [int(color.strip()[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    """WCAG 2's contrast ratio."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
