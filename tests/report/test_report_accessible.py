"""The page of a report can be read by everybody, as far as axe can tell."""

from pathlib import Path

import pytest

from tests.axe import chromium, findings, violations

pytestmark = pytest.mark.browser


def test_the_page_has_no_serious_finding(report: Path) -> None:
    with chromium() as browser:
        assert findings(browser, (report / "index.html").as_uri()) == []


def test_the_page_has_no_finding_of_any_kind(report: Path) -> None:
    with chromium() as browser:
        found = violations(browser, (report / "index.html").as_uri(), 1280, "light")
        assert [each["id"] for each in found] == []


def test_a_mistake_is_found(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text('<html lang="en"><title>t</title><main><h1>h</h1><img src="x.png"></main></html>')
    with chromium() as browser:
        assert [each.split(": ")[1] for each in findings(browser, page.as_uri())] == ["image-alt"] * 2
