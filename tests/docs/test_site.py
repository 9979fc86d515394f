"""The pages are built without a warning, which a broken link would be, and ask for nothing."""

import re
from pathlib import Path

from tests.docs.pages import DOCS

SOURCES = re.compile(r"""<(?:script|img|iframe|link)[^>]*?\s(?:src|href)="(https?:)?//[^"]*""")


def test_every_page_is_there(site: Path) -> None:
    assert {path.stem for path in DOCS.glob("*.md")} <= {path.stem for path in site.glob("*.html")}


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    for page in site.glob("*.html"):
        assert not SOURCES.search(page.read_text(encoding="utf-8")), page.name
    for style in site.rglob("*.css"):
        assert "http" not in style.read_text(encoding="utf-8").replace("http://www.w3.org/", ""), style.name


def test_the_format_is_in_its_page(site: Path) -> None:
    page = (site / "format.html").read_text(encoding="utf-8")
    assert all(f'id="{place}"' in page for place in ("setting", "claim", "what-probes-write", "positive"))
    assert "generated -->" not in page
