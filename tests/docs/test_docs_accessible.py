"""The pages of the documentation can be read by everybody, as far as axe can tell."""

from pathlib import Path

import pytest

from tests.axe import chromium, findings

PAGES = ("verdict", "differences")
"""One with code and pictures, one with wide tables: others have thousands of nodes, and the same parts."""


@pytest.mark.browser
def test_the_pages_have_no_serious_finding(site: Path) -> None:
    with chromium() as browser:
        found = {name: findings(browser, (site / f"{name}.html").as_uri()) for name in PAGES}
    assert found == {name: [] for name in PAGES}
