"""What the pages on packs say to type is legal, and names what there is."""

import re
import shlex
import tomllib
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from suite.cli import parse
from suite.spec.packs.declaration import Section
from suite.spec.packs.found import GROUP
from suite.store.version import ROOT
from tests.packs.conftest import BAG
from tests.packs.conftest import EXAMPLE as EXAMPLES

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


def named() -> set[str]:
    """The modules of the suite that the page says packs may import."""
    found = set(re.findall(r"`(suite\.[a-z_]+(?:\.[a-z_]+)*)(?:\.[A-Z]\w*)?`", PAGE)) - {
        "suite.networks",
        "suite.load",
    }
    (networks,) = re.findall(r"^- `suite.networks`: (.*);$", PAGE, flags=re.MULTILINE)
    return found | {f"suite.networks.{name}" for name in re.findall(r"`(\w+)`", networks)}


def test_what_packs_may_import_is_there() -> None:
    assert {"suite.series", "suite.training.view", "suite.networks.mlp"} < named()
    for name in named():
        import_module(name)


@pytest.mark.parametrize("path", [EXAMPLES, BAG, ROOT / "suite/spec/packs/start.py"], ids=lambda p: p.name)
def test_no_pack_here_imports_anything_else(path: Path) -> None:
    files = path.glob("*.py") if path.is_dir() else [path]
    texts = [file.read_text(encoding="utf-8") for file in files]
    lines = re.findall(r"^from (suite[\w.]*) import ([\w, ]+)$", "\n".join(texts), flags=re.MULTILINE)
    assert lines
    for module, names in lines:
        assert module in named() or all(f"{module}.{name}" in named() for name in names.split(", "))


def test_a_packs_pyproject_has_its_entry_point_and_files() -> None:
    """That a wheel of it is found was tried by hand: it takes a build, and an environment of its own."""
    (block,) = re.findall(r"^    \[build-system\]\n(?:    .*\n|\n)+", PAGE, flags=re.MULTILINE)
    found = tomllib.loads(block)
    (package,) = found["project"]["entry-points"][GROUP].values()
    assert found["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [package]


@pytest.mark.parametrize("page", [PAGE, EXAMPLE], ids=["docs/packs.md", "examples"])
def test_links_lead_somewhere(page: str) -> None:
    folder = ROOT / ("docs" if page is PAGE else "examples/spectral_normalization")
    links = re.findall(r"\]\(([^)#]+)\)", page)
    assert links
    assert [link for link in links if not (folder / link).exists()] == []
