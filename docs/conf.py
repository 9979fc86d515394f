"""Sphinx: ``uv run sphinx-build -W docs site`` makes the pages in ``site/``, without network.

Sphinx and not MkDocs: its own strict build checks links and anchors, and it reads Python's docstrings itself.
"""

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from sphinx.application import Sphinx  # noqa: E402

from suite.store.reference import release as release_of  # noqa: E402

project = "wgan-suite"
author = "the authors of wgan-suite"
project_copyright = f"2026, {author}"
release = version = release_of()
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["pages", "images"]
html_theme = "furo"
html_title = f"wgan-suite {release}"
html_copy_source = html_show_sourcelink = False
html_static_path = ["style"]
html_css_files = ["tables.css"]
html_baseurl = ""
nitpicky = True
nitpick_ignore_regex = [("py:class", r"(pathlib|pandas|numpy|suite)\..*|Path|Frames|pd\..*")]
myst_heading_anchors = 4
myst_links_external_new_tab = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
pygments_style, pygments_dark_style = "a11y-high-contrast-light", "a11y-high-contrast-dark"

GENERATED = "<!-- generated -->"
"""In docs/format.md, where the format goes."""


def _generate(app: Sphinx, name: str, source: list[str]) -> None:
    """Put the format, as the schema has it now, into its page."""
    if name == "format":
        from pages.format import page

        source[0] = source[0].replace(GENERATED, page())


def _reach_by_keyboard(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """What can be scrolled can be reached without a mouse, and the navigation's headings have a level."""
    body = context.get("body", "").replace("<pre>", '<pre tabindex="0">')
    context["body"] = body.replace('<div class="table-wrapper', '<div tabindex="0" class="table-wrapper')
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')


def setup(app: Sphinx) -> None:
    """Hear when a page is read, and, after the theme, when it is written."""
    app.connect("source-read", _generate)
    app.connect("html-page-context", _reach_by_keyboard, priority=900)
