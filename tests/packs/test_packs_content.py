"""What changes a pack's version, and what does not; and whether it has what it declares."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.errors import UserError
from suite.spec.packs.code import code
from suite.spec.packs.declaration import read
from suite.spec.packs.faults import pack_faults
from suite.spec.packs.found import Pack, packs
from suite.store.packs import content, of_metric, whole


def version(folder: Path) -> str:
    return content(Pack(folder, read(folder)))


def edited(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        text = (folder / name).read_text()
        assert text.count(old) == 1
        (folder / name).write_text(text.replace(old, new))

    return edit


def added(name: str, text: str = "x = 1\n") -> Callable[[Path], None]:
    def add(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

    return add


@pytest.mark.parametrize(
    "change",
    [
        edited("code.py", "self.scale * fake", "self.scale * fake * 2"),
        edited("pack.yaml", "scale: 1.0", "scale: 2.0"),
        edited("pack.yaml", "code:Ball", "code:Cross"),
        edited("pack.yaml", "dimension: 3", "dimension: 2"),
        added("more.py"),
        added("table.csv", "1,2\n"),
        lambda folder: (folder / "pictures.py").rename(folder / "draw.py"),
    ],
)
def test_what_a_result_can_depend_on_changes_it(copied: Path, change: Callable[[Path], None]) -> None:
    before = version(copied)
    change(copied)
    assert version(copied) != before


@pytest.mark.parametrize(
    "change",
    [
        edited("code.py", "The hinge loss, times a number.", "The hinge loss."),
        edited("code.py", "import numpy as np\n", "import numpy as np  # of course\n\n"),
        edited("pack.yaml", "says: the first layer's weights", "says: weights"),
        edited("pack.yaml", "largest weight of the first layer", "a weight"),
        edited("pack.yaml", "title: One of each kind", "title: Others"),
        edited("experiments/bag/everything.yaml", "iterations: 12", "iterations: 13"),
        added("README.md"),
        added("tests/test_bag.py"),
        added("__pycache__/code.pyc"),
        added(".cache/thing.py"),
    ],
)
def test_all_else_does_not(copied: Path, change: Callable[[Path], None]) -> None:
    before = version(copied)
    change(copied)
    assert version(copied) == before


@pytest.mark.parametrize(
    ("imports", "counts"),
    [
        ("", False),
        ("from . import drawings\n", True),
        ("from .drawings import Drawing\n", True),
        ("from .inside.deep import x\n", True),
        ("import importlib\nimportlib.import_module('any')\n", True),
        ("from drawings import Drawing\n", False),  # No relative import: another package's.
    ],
)
def test_what_metrics_and_figures_alone_import_is_no_part_of_a_run(
    copied: Path, imports: str, counts: bool
) -> None:
    added("inside/deep.py", "from ..drawings import Drawing as x\n")(copied)
    added("code.py", imports + (copied / "code.py").read_text())(copied)
    before, shown = version(copied), whole(Pack(copied, read(copied)))
    added("drawings.py", (copied / "drawings.py").read_text() + "x = 1\n")(copied)
    assert (version(copied) != before) == counts
    assert whole(Pack(copied, read(copied))) != shown


def test_a_metric_depends_on_its_own_modules(copied: Path, load: Callable[..., None], tmp_path: Path) -> None:
    load(copied)
    before = of_metric("bag/spread")
    edits = {"networks.py": True, "code.py": False}
    for number, (name, is_same) in enumerate(edits.items()):
        other = Path(shutil.copytree(copied, tmp_path / str(number)))
        added(name, (other / name).read_text() + "x = 1\n")(other)
        load(other)
        assert (of_metric("bag/spread") == before) == is_same
    assert of_metric("bag/none") == of_metric("none/spread") == ""


@pytest.mark.parametrize(
    "name", ["results/runs/a.json", "code.py~", "pyproject.toml", "dist/bag.whl", "code.py.orig"]
)
def test_what_other_programs_leave_in_a_folder_is_no_part_of_it(copied: Path, name: str) -> None:
    before = version(copied)
    added(name)(copied)
    assert version(copied) == before


def test_what_runs_is_what_was_hashed(copied: Path, load: Callable[..., None]) -> None:
    added(
        "losses.py", "from .numbers import two\n\n\ndef half(**_: float) -> float:\n    return two() / 4\n"
    )(copied)
    added("numbers/__init__.py", "def two() -> int:\n    return 2\n")(copied)
    edited("pack.yaml", '  ball: {at: "code:Ball"', '  half: {at: "losses:half"}\n  ball: {at: "code:Ball"')(
        copied
    )
    load(copied)
    (found,) = packs()
    before = content(found)
    added("numbers/__init__.py", "def two() -> int:\n    return 3\n")(copied)
    assert code("constraints", "bag/half", {})() == 0.5
    assert content(found) == before
    assert not list(copied.rglob("__pycache__"))


def test_a_file_that_is_not_python_is_told(copied: Path) -> None:
    (copied / "more.py").write_text("def\n")
    with pytest.raises(UserError, match=r"more.py, line 1: not valid Python: invalid syntax\n"):
        version(copied)


def test_what_a_pack_declares_and_has_is_no_fault(copied: Path) -> None:
    assert list(pack_faults(Pack(copied, read(copied)))) == []


@pytest.mark.parametrize("at", ["nowhere:Ball", "code:Bell", "code.inside:Ball"])
def test_what_it_does_not_have_is_found_without_running_it(copied: Path, at: str) -> None:
    edited("pack.yaml", "code:Ball", at)(copied)
    added("code.py", (copied / "code.py").read_text() + "raise RuntimeError('run')\n")(copied)
    (fault,) = pack_faults(Pack(copied, read(copied)))
    assert fault.startswith(
        f"{copied}/pack.yaml: constraint 'ball' is said to be at {at}, which is not there\n"
    )
