"""What the pages on packs say to type is legal, and names what there is."""

import re
import shlex
from typing import get_args

import pytest

from suite.cli import parse
from suite.spec.packs.declaration import Section
from suite.store.version import ROOT

PAGE = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "examples" / "spectral_normalization" / "README.md").read_text(encoding="utf-8")
TYPED = "    uv run run_suite.py "
COMMANDS = [
    shlex.split(line.removeprefix(TYPED)) for line in (PAGE + EXAMPLE).splitlines() if line.startswith(TYPED)
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_is_one(words: list[str]) -> None:
    assert callable(parse(words).command)


def test_there_are_some() -> None:
    assert {words[0] for words in COMMANDS} == {"run", "new"}


def test_the_table_has_every_section_of_a_declaration() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE) == list(get_args(Section))


@pytest.mark.parametrize("page", [PAGE, EXAMPLE], ids=["docs/packs.md", "examples"])
def test_links_lead_somewhere(page: str) -> None:
    folder = ROOT / ("docs" if page is PAGE else "examples/spectral_normalization")
    links = re.findall(r"\]\(([^)#]+)\)", page)
    assert links
    assert [link for link in links if not (folder / link).exists()] == []
