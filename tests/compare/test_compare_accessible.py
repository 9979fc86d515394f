"""The page of a comparison can be read by everybody, as far as axe can tell."""

from pathlib import Path

import pytest

from suite.compare.page import write_page
from tests.axe import chromium, findings
from tests.compare.pages import shown


@pytest.mark.browser
def test_the_page_has_no_serious_finding(tmp_path: Path) -> None:
    address = write_page(shown(), tmp_path, "command").as_uri()
    with chromium() as browser:
        assert findings(browser, address) == []
