"""What a pack's functions and classes take, as their files tell, against what they are called with."""

import ast
from pathlib import Path

import pytest

from suite.spec.packs.declaration import Section, read
from suite.spec.packs.faults import pack_faults
from suite.spec.packs.found import Pack
from suite.spec.packs.modules import definition
from suite.spec.packs.signatures import mismatches
from tests.cli.calls import Place
from tests.packs.conftest import BAG
from tests.packs.test_packs_faults import edit, line


def said(text: str, section: Section, *options: str) -> list[str]:
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    return [fault for fault, _ in mismatches(node, section, options)]


@pytest.mark.parametrize(
    ("text", "section", "options"),
    [
        ("def it(series, power): ...", "metrics", ["power"]),
        ("def it(series, *, power): ...", "metrics", ["power"]),
        ("def it(series, power=1): ...", "metrics", []),
        ("def it(series, **options): ...", "metrics", ["power"]),
        ("def it(*handed, size): ...", "figures", ["size"]),
        ("def it(evidence, figure, /, size): ...", "figures", ["size"]),
        ("class It:\n    def __init__(self, size): ...", "data", ["size"]),
        ("class It(Other):\n    def __init__(self, size): ...", "constraints", ["size"]),
        # Not to be told from the file:
        ("class It(Other): ...", "constraints", ["size"]),
        ("@dataclass\nclass It:\n    size: float", "data", ["size"]),
        ("@cache\ndef it(*everything): ...", "data", ["size"]),
    ],
)
def test_what_fits_or_cannot_be_told_is_no_fault(text: str, section: Section, options: list[str]) -> None:
    assert said(text, section, *options) == []


@pytest.mark.parametrize(
    ("text", "section", "options", "fault"),
    [
        ("def it(series): ...", "metrics", ["power"], "does not take its option 'power'"),
        ("def it(series, power): ...", "metrics", ["series"], "does not take its option 'series'"),
        ("def it(series, power): ...", "metrics", [], "needs 'power', which is no option of it"),
        ("def it(series, *, power): ...", "metrics", [], "needs 'power', which is no option of it"),
        ("def it(evidence): ...", "figures", [], "must take evidence, figure before its options"),
        ("def it(size): ...", "data", [], "needs 'size', which is no option of it"),
        ("class It:\n    def __init__(self): ...", "data", ["size"], "does not take its option 'size'"),
        (
            "class It:\n    def __init__(self, size): ...",
            "data",
            [],
            "needs 'size', which is no option of it",
        ),
    ],
)
def test_what_does_not_fit_is_told(text: str, section: Section, options: list[str], fault: str) -> None:
    assert fault in said(text, section, *options)


def test_it_is_told_by_validate_with_its_line(place: Place, copied: Path) -> None:
    edit(copied / "drawings.py", "figure, size", "figure, width")
    answer = place.call("validate", "--pack", str(copied))
    at = f"    {copied}/drawings.py, line {line(copied / 'drawings.py', 'def dots')}: "
    assert answer.status == 2
    assert answer.err == (
        f"error: {copied}/pack.yaml: figure 'dots': drawings:dots does not take its option 'size'\n"
        f"{at}add it as a keyword, or take it out of options\n"
        f"error: {copied}/pack.yaml: figure 'dots': drawings:dots needs 'width', which is no option of it\n"
        f"{at}give it a value there, or make it an option\n"
    )
    assert answer.out == "2 of 2 experiment files are valid\n"


def test_the_bag_fits() -> None:
    assert list(pack_faults(Pack(BAG, read(BAG)))) == []


@pytest.mark.parametrize("more", ["it = 3", "if True:\n    def it(): ..."])
def test_a_name_that_is_bound_twice_is_not_told_of(tmp_path: Path, more: str) -> None:
    (tmp_path / "code.py").write_text("\n\ndef it(): ...\n")
    found = definition(tmp_path, "code:it")
    assert found is not None
    assert (found.file, found.node.lineno) == (tmp_path / "code.py", 3)
    (tmp_path / "code.py").write_text(f"def it(): ...\n{more}\n")
    assert definition(tmp_path, "code:it") is None


# --- Files in the wrong place -------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "belongs"),
    [
        ("one_sided.yaml", "PAPER/one_sided.yaml"),
        ("bag/one_sided.yml", "bag/one_sided.yaml"),
        ("bag/paper.YML", "bag/paper.yaml"),
        ("bag/more/one_sided.yaml", "more/one_sided.yaml"),
    ],
)
@pytest.mark.parametrize("of", ["pack", "suite"])
def test_files_that_nothing_reads_are_named(
    place: Place, copied: Path, name: str, belongs: str, of: str
) -> None:
    root = copied / "experiments" if of == "pack" else place.root / "experiments"
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("id: bag/one-sided\n")
    (root / ".hidden.yaml").write_text("")
    answer = place.call("validate", "--pack", str(copied))
    assert answer.status == 2
    assert answer.err == (
        f"error: {root / name}: is not read: experiments are at <folder>/<name>.yaml\n"
        f"    move it to {root}/{belongs}, beside its paper.yaml\n"
    )


def test_no_file_of_the_suite_lies_in_the_wrong_place(place: Place) -> None:
    assert place.call("validate").err == ""
