"""The page: its parts, its escapes, and what a browser makes of it."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from jinja2 import Environment
from playwright.sync_api import Browser, Page

from suite.judge.assess import ClaimResult
from suite.report import words
from suite.report.evidence import Evidence
from suite.report.page import render
from suite.report.regenerate import Again
from suite.report.rows import ROW, rows
from suite.report.strips import EDGE, WIDTH, strips
from suite.report.views import RunRow, environments, papers
from tests.axe import chromium
from tests.closed import loads_nothing, runs_its_own_script_alone

FRAMES_ABOVE = """film => {
  const [shown, whole] = [".frames", "img"].map(name => film.querySelector(name).getBoundingClientRect());
  return [whole.height / shown.height, (shown.top - whole.top) / shown.height];
}"""
"""How many frames a film has, and how many of them are above the one that is shown."""


@pytest.fixture(scope="module")
def html(report: Path) -> str:
    return (report / "index.html").read_text()


def test_the_page_loads_nothing_and_lets_no_script_run_but_its_own(html: str) -> None:
    assert loads_nothing(html)
    assert runs_its_own_script_alone(html)


def test_without_films_no_script_may_run(empty_evidence: list[Evidence]) -> None:
    html = render(empty_evidence, [], {}, Again("command"))
    assert "script" not in html.partition("<style>")[0]
    assert "<script" not in html


def test_strings_from_files_are_escaped(html: str) -> None:
    assert "&lt;script&gt;document.title = &#34;taken&#34;&lt;/script&gt;" in html
    assert "{{ 7 * 7 }}" in html
    assert "<img src=x" not in html


@pytest.mark.parametrize("text", ["finished", 'failed: <b> & "x"', "it's", "é\n\0"])
def test_a_row_of_the_table_of_runs_is_what_jinja_makes_of_it(text: str) -> None:
    for place in range(len(RunRow._fields)):
        cells = ["run--a.s10", "runs/a/a.s10", "finished", "1.0", "2026-01-01", "0a"]
        cells[place] = text
        row = RunRow(*cells)
        template = Environment(autoescape=True, keep_trailing_newline=True).from_string(
            ROW % tuple(f"{{{{ {name} }}}}" for name in row._fields)
        )
        assert rows([row, row]) == template.render(row._asdict()) * 2


def test_every_link_within_the_page_leads_somewhere(html: str) -> None:
    places = re.findall(r'\bid="([^"]+)"', html)
    assert len(places) == len(set(places))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(places)


def test_every_claim_has_its_parts(html: str, results: list[ClaimResult]) -> None:
    for result in results:
        assert result.criterion in html
    assert "refuted at desk scale" in html
    assert "Post hoc:" in html
    assert "with uncommitted changes <code>feedfacecafe</code>" in html
    assert "uv run run_suite.py run wgan-gp/gradient-norms --scale desk" in html
    assert "6 runs, 15 core-seconds, 1.8e+10 FLOPs" in html


def test_the_page_stays_small(report: Path) -> None:
    assert (report / "index.html").stat().st_size < 6_000_000


def test_no_look_is_told_of_before_the_first(evidence: list[Evidence], results: list[ClaimResult]) -> None:
    claims = [claim for paper in papers(evidence, results, {}) for claim in paper.claims]
    looked = {claim.result.name: dict(claim.more).get("Seeds per arm") for claim in claims}
    assert looked["later"] is None
    assert looked["flat"] == "6 (look 1 of 1)"
    assert looked["vague"] == "6 (look 1 of 2)"


def test_seeds_lead_to_their_runs(evidence: list[Evidence], results: list[ClaimResult]) -> None:
    claims = {claim.result.name: claim for paper in papers(evidence, results, {}) for claim in paper.claims}
    row = claims["vanishes"].seeds[0]
    assert (row.seed, [value for value, _ in row.cells]) == (10, ["-1.22", "0.02"])
    assert [len(runs) for _, runs in row.cells] == [1, 1]
    assert claims["does_not"].seeds[2].cells[0][0] == "diverged"
    levels = [run.text for run in claims["rises"].seeds[0].cells[0][1]]
    assert levels == ["theta = 0.25", "theta = 0.5", "theta = 1", "theta = 2"]


def test_runs_that_two_studies_show_count_once_in_their_environment(evidence: list[Evidence]) -> None:
    first, *_ = evidence
    ((_, number),) = environments([first])
    assert number == len({record.run.id for record in first.records}) > 0
    assert environments([first, first]) == environments([first])


def test_a_page_before_any_run(empty_evidence: list[Evidence]) -> None:
    assert "no runs yet" in render(empty_evidence, [], {}, Again("command"))


def test_only_secure_addresses_become_links(evidence: list[Evidence]) -> None:
    study = evidence[0].study
    study_url, paper = study.paper.url, study.paper
    try:
        study.paper = msgspec.structs.replace(paper, url="javascript:alert(1)")
        assert "javascript:" not in render([evidence[0]], [], {}, Again(""))
    finally:
        study.paper = paper
    assert study_url in render([evidence[0]], [], {}, Again(""))


def test_a_threshold_has_one_line_with_its_seeds(results: list[ClaimResult]) -> None:
    (strip,) = strips(results[0])
    interval, seeds = strip.rows
    assert interval.span is not None
    assert strip.lines[0] < interval.span.low < interval.span.middle < interval.span.high
    assert len(seeds.dots) == 6
    assert strip.text.startswith("estimate and interval 0.195 [0.18, 0.21]; held against 0.15; seeds of clip")


def test_an_ordering_has_a_line_for_the_difference_and_one_for_the_seeds(results: list[ClaimResult]) -> None:
    difference, seeds = strips(results[1])
    assert difference.caption == "Slope of the gradient norm (decades per layer): clip 0.01 − penalty"
    assert (difference.against, seeds.against) == (f"margin {words.margin(results[1].claim)}", "")
    assert [row.label for row in seeds.rows] == ["clip 0.01", "penalty"]


def test_an_infinite_end_is_an_arrow_at_the_edge(results: list[ClaimResult]) -> None:
    judgement = msgspec.structs.replace(results[0].judgement, high=math.inf)
    span = strips(results[0]._replace(judgement=judgement))[0].rows[0].span
    assert span is not None
    assert (span.high, span.open_low, span.open_high) == (WIDTH - EDGE, False, True)


def test_a_seed_without_a_statistic_is_not_told_to_have_diverged(
    evidence: list[Evidence], results: list[ClaimResult]
) -> None:
    trend = next(result for result in results if result.name == "rises")
    arm = (None, 1.0, math.inf, 1.2, 1.3, None)
    judged = trend._replace(judgement=msgspec.structs.replace(trend.judgement, arm=arm, finished=(5,)))
    (strip,) = strips(judged)
    assert strip.rows[1].label == "critic (1 diverged, 1 without a log log slope)"
    assert strip.text.endswith("seeds of critic: diverged, 1, ∞, 1.2, 1.3, without a log log slope")
    assert strip.rows[1].dots[1] == (WIDTH - EDGE, "∞")
    (paper,) = papers([evidence[3]], [judged], {})
    cells = [row.cells[0][0] for row in paper.claims[0].seeds]
    assert cells == ["diverged", "1", "∞", "1.2", "1.3", "without a log log slope"]


def test_every_command_of_the_page_names_its_folders(
    evidence: list[Evidence], results: list[ClaimResult]
) -> None:
    own = [result for result in results if result.study is evidence[0].study]
    page = render([evidence[0]], own, {}, Again("command", ("--results", "my results")))
    told = "run wgan-gp/gradient-norms --scale desk --results &#39;my results&#39;</"
    assert page.count(told) == len(own) + 1 == 7
    assert "--results" not in render([evidence[0]], own, {}, Again("command"))


def test_the_ends_of_a_line_never_look_alike(results: list[ClaimResult]) -> None:
    tiny = msgspec.structs.replace(results[0].claim, kind="identity", target=10.0, margin=1e-9)
    values = msgspec.structs.replace(
        results[0].judgement, arm=(10.0,) * 6, estimate=10.0, low=10.0, high=10.0
    )
    (strip,) = strips(results[0]._replace(claim=tiny, judgement=values))
    assert strip.low != strip.high
    assert strip.against == "band 10 ± 1e-09"


def test_margins_stand_beside_the_rows_and_not_in_their_names(html: str) -> None:
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(drawings) > 5
    for each in drawings:
        names = [float(y) for y in re.findall(r'<text x="[^"]*" y="([\d.]+)">', each)]
        lines = re.findall(r'<line class="margin"[^>]*y1="([\d.]+)" y2="([\d.]+)"', each)
        letters = [(name - 8, name + 1) for name in names]
        assert not any(low < float(y2) and float(y1) < high for y1, y2 in lines for low, high in letters)


def test_paragraphs_of_notes_stay_apart(evidence: list[Evidence]) -> None:
    study, experiment = evidence[0].study, evidence[0].study.experiment
    try:
        study.experiment = msgspec.structs.replace(experiment, notes="One.\n\nAnother & more.")
        page = render([evidence[0]], [], {}, Again(""))
    finally:
        study.experiment = experiment
    assert "<p>Source: 1b. One.</p>\n<p>Another &amp; more.</p>" in page


def test_the_page_begins_with_the_verdicts_of_each_paper(html: str, results: list[ClaimResult]) -> None:
    (table,) = re.findall(r'<table class="papers">.*?</table>', html, re.DOTALL)
    rows = [re.findall(r'<td class="number">(\d+)</td>', row) for row in table.split("<tr>")[2:]]
    assert sum(int(number) for row in rows for number in row) == len(results)
    assert len(rows) == len({result.study.paper.id for result in results})


def test_nothing_is_drawn_of_what_was_not_evaluated(results: list[ClaimResult]) -> None:
    assert strips(results[5]) == ()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def opened(browser: Browser, report: Path, width: int, scheme: str = "light") -> tuple[Page, list[str]]:
    """The page, and a list that complaints and requests are added to."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: heard.append(request.url))
    page.goto((report / "index.html").as_uri())
    return page, heard


@pytest.mark.browser
@pytest.mark.parametrize("width", [375, 1280])
def test_the_page_fits_its_window_and_asks_for_nothing(browser: Browser, report: Path, width: int) -> None:
    page, heard = opened(browser, report, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.images.length > 0 && [...document.images].every(i => i.naturalWidth > 0)")
    assert [entry for entry in heard if not entry.startswith("data:")] == [(report / "index.html").as_uri()]


@pytest.mark.browser
def test_scoreboards_of_all_papers_have_their_columns_at_the_same_places(
    browser: Browser, report: Path
) -> None:
    page, _ = opened(browser, report, 1280)
    places = page.evaluate(
        "[...document.querySelectorAll('.scores')].map(t => "
        "[...t.querySelectorAll('thead th')].map(c => Math.round(c.getBoundingClientRect().left)))"
    )
    assert len(places) > 1
    assert len({tuple(each) for each in places}) == 1


@pytest.mark.browser
@pytest.mark.parametrize("width", [375, 1280])
def test_no_scoreboard_must_be_scrolled_sideways(browser: Browser, report: Path, width: int) -> None:
    page, _ = opened(browser, report, width)
    hidden = page.evaluate(
        "[...document.querySelectorAll('#scoreboard .scroll')].map(e => e.scrollWidth - e.clientWidth)"
    )
    assert hidden == [0] * len(hidden) != []


@pytest.mark.browser
def test_dark_differs_from_light(browser: Browser, report: Path) -> None:
    grounds = [
        opened(browser, report, 1280, scheme)[0].evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    assert grounds == ["rgb(255, 255, 255)", "rgb(20, 23, 27)"]


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_that_wcag_asks_for(browser: Browser, report: Path, scheme: str) -> None:
    page, _ = opened(browser, report, 1280, scheme)
    names = ["ink", "quiet", "link", "reproduced", "refuted", "inconclusive", "not-evaluated"]
    colors = page.evaluate(
        "names => names.map(n => getComputedStyle(document.documentElement).getPropertyValue('--' + n))",
        [*names, "ground", "raised"],
    )
    *inks, ground, raised = map(luminance, colors)
    for name, ink in zip(names, inks, strict=True):
        assert min(contrast(ink, ground), contrast(ink, raised)) >= 4.5, name


@pytest.mark.browser
def test_the_scoreboard_leads_to_the_claim_and_its_seed_to_the_run(browser: Browser, report: Path) -> None:
    page, _ = opened(browser, report, 1280)
    page.click("#scoreboard >> text=wgan-gp/gradient-norms:explodes")
    claim = page.locator(":target")
    assert "Clipping at 0.1 makes the gradient grow toward the input." in claim.inner_text()
    claim.locator("tbody a").first.click()
    assert "wgan-gp.gradient-norms.clip-0.1.s10" in page.locator(":target").inner_text()


@pytest.mark.browser
def test_the_slider_moves_the_film(browser: Browser, report: Path) -> None:
    page, heard = opened(browser, report, 375)
    film = page.locator(".film").first
    slider, told = film.get_by_role("slider", name="Iteration of GAN, DCGAN"), film.locator("output")
    assert film.evaluate(FRAMES_ABOVE) == pytest.approx([3, 2], abs=0.02)
    shown = []
    for key in ("Home", "ArrowRight", "End"):
        slider.press(key)
        shown.append((round(film.evaluate(FRAMES_ABOVE)[1], 1), told.inner_text()))
        assert slider.get_attribute("aria-valuetext") == told.inner_text()
    assert shown == [(0, "iteration 0"), (1, "iteration 500"), (2, "iteration 1000")]
    assert not [entry for entry in heard if "Security" in entry]


@pytest.mark.browser
def test_without_a_script_the_whole_film_can_be_scrolled(browser: Browser, report: Path) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto((report / "index.html").as_uri())
    frames = page.locator(".film .frames").first
    assert page.locator(".film input").first.is_hidden()
    assert frames.get_attribute("tabindex") == "0"
    assert frames.evaluate("e => getComputedStyle(e).overflowY") == "auto"


@pytest.mark.browser
def test_injected_markup_is_text(browser: Browser, report: Path, hostile: str) -> None:
    page, _ = opened(browser, report, 1280)
    assert page.title() == "Do the papers' claims hold? Wasserstein GANs"
    assert page.locator("script").count() == 1
    assert hostile in page.locator("body").inner_text()


def luminance(color: str) -> float:
    """WCAG 2's relative luminance of #rrggbb."""
    parts = [int(color.strip()[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    """WCAG 2's contrast ratio."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
