"""What changes a pack's version, and what does not; and whether it has what it declares."""

from collections.abc import Callable
from pathlib import Path

import pytest

from suite.errors import UserError
from suite.spec.packs.declaration import read
from suite.spec.packs.faults import pack_faults
from suite.spec.packs.found import Pack
from suite.store.packs import content


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
        lambda folder: (folder / "drawings.py").rename(folder / "draw.py"),
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
