"""Generated lines on the page: of the first finished seed, the last point first, and escaped."""

import html
import re

from suite.report.evidence import Evidence
from suite.report.page import render
from suite.report.regenerate import Again
from suite.report.texts import readable, texts


def test_lines_are_of_the_first_finished_seed_from_the_last_point_back(
    text_evidence: Evidence, hostile: str
) -> None:
    first, lost = texts(text_evidence)
    assert (first.title, first.seed) == (hostile, 10)
    assert [page.iteration for page in first.pages] == [1000, 0]
    assert [page.lines[0].rstrip() for page in first.pages] == ["10 late", "10 early"]
    assert first.pages[0].lines[1] == hostile + "\N{REPLACEMENT CHARACTER}"
    assert (lost.title, lost.seed, lost.pages) == ("WGAN, MLP", None, ())


def test_before_any_run_and_without_the_probe_there_is_no_section(
    empty_evidence: list[Evidence], evidence: list[Evidence]
) -> None:
    assert [texts(each) for each in (*empty_evidence, *evidence)] == [()] * 10


def test_the_page_shows_them_escaped(text_evidence: Evidence, hostile: str) -> None:
    page = render([text_evidence], [], {}, Again("command"))
    assert "<script>document" not in page
    assert "<img src=x" not in page
    section = page[page.index("Lines while training") : page.index("<details><summary>Settings")]
    written = re.findall(r"<pre [^>]*>(.*?)</pre>", section, re.DOTALL)
    assert [html.unescape(each).splitlines()[1] for each in written] == [hostile + "\ufffd"] * 2
    assert section.count("<details>") == 1
    assert "no lines" in section


def test_what_is_no_printable_character_is_replaced() -> None:
    odd = [9.0, 10.0, 0x110000, -1.0, 0xD800, float("nan")]
    assert readable([65.0, *odd, 0xE9, 32.0]) == "A" + "\ufffd" * 6 + "\xe9 "
