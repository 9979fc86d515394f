"""The packages of the suite in layers: none imports, by whatever way round, one that imports it."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from suite.store.version import ROOT


def imported(source: str) -> Iterator[str]:
    """The names that are imported anywhere in a file, also in functions and for type checkers only.

    What ``suite.cli`` imports by a name that it puts together is not among them.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative imports are not followed here"
            yield from (f"{node.module}.{each.name}" for each in node.names)


def graph(root: Path) -> dict[str, set[str]]:
    """What each part of ``root`` imports of the others: a part is a package or a module right below it."""
    parts = {path.stem for path in root.iterdir()}
    found: dict[str, set[str]] = defaultdict(set)
    for path in root.rglob("*.py"):
        part = path.relative_to(root).parts[0].removesuffix(".py")
        for name in imported(path.read_text()):
            package, *rest = name.split(".")
            if package == root.name:
                found[part].add(rest[0] if rest and rest[0] in parts else "__init__")
    return {part: others - {part} for part, others in found.items()}


def cycle(root: Path) -> list[str]:
    """Parts each of which is imported by the next, the first again at the end; empty if there are none."""
    try:
        TopologicalSorter(graph(root)).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_package_imports_one_that_imports_it() -> None:
    assert cycle(ROOT / "suite") == []


@pytest.mark.parametrize(
    "line",
    ["from house.roof import tiles", "import house.roof", "def f():\n    from house import roof"],
)
def test_a_way_round_is_found(tmp_path: Path, line: str) -> None:
    house = tmp_path / "house"
    for name, text in {
        "cellar/a.py": "",
        "wall.py": "import house.cellar.a",
        "roof/b.py": "import house.wall",
    }.items():
        (house / name).parent.mkdir(parents=True, exist_ok=True)
        (house / name).write_text(text)
    assert cycle(house) == []
    (house / "cellar/c.py").write_text(line)
    found = cycle(house)
    assert set(found) == {"cellar", "wall", "roof"}
    assert found[0] == found[-1]
