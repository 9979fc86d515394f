"""``new``: what it writes is valid and runs at once, and is never written over anything."""

import errno
from pathlib import Path

import pytest

from suite import places
from suite.commands import new
from suite.spec.packs.found import packs
from suite.spec.packs.found import place as place_packs
from tests.cli.calls import Place, call
from tests.packs.conftest import BAG


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_it_writes_is_valid_and_runs_at_smoke_scale(at: Path, place: Place) -> None:
    answer = call("new", "my-paper/first-figure")
    assert answer.status == 0, answer
    assert "\n    uv run run_suite.py run my-paper/first-figure --scale smoke --pack my_paper" in answer.out
    assert call("validate", "my-paper/*", "--pack", "my_paper").out == "1 of 1 experiment files are valid\n"
    results = str(place.results)
    words = ("run", "my-paper/first-figure", "--scale", "smoke", "--pack", "my_paper", "--quiet")
    ran = call(*words, "--results", results)
    assert ran.status == 0, ran
    assert len(list(place.results.glob("runs/*/my-paper.*/record.json"))) == 4
    assert (place.results / "report" / "smoke" / "figures").is_dir()


@pytest.mark.parametrize("inside", [True, False])
def test_a_pack_among_the_suites_own_files_gets_a_word(
    at: Path, monkeypatch: pytest.MonkeyPatch, inside: bool
) -> None:
    monkeypatch.setattr(places, "HOME", at if inside else at / "suite")
    word = "my_paper lies in the suite's own folder, where git shows it as new."
    assert (word in call("new", "my-paper/one").out) == inside


def test_a_further_experiment_leaves_what_is_there(at: Path) -> None:
    call("new", "my-paper/one")
    folder = at / "my_paper"
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    assert call("new", "my-paper/two", "--pack", "my_paper").status == 0
    assert call("new", "other-paper/three", "--pack", "my_paper").status == 0
    assert {path: path.read_bytes() for path in before} == before
    place_packs([folder])
    assert [each.name for each in packs()] == ["my-paper"]
    assert "3 of 3" in call("validate", "my-paper/*", "other-paper/*").out


def test_it_takes_the_papers_id_from_a_folder_that_has_one(at: Path) -> None:
    call("new", "my-paper/one")
    paper = at / "my_paper" / "experiments" / "my_paper" / "paper.yaml"
    paper.write_text(paper.read_text().replace("id: my_paper", "id: author2020"))
    (paper.parent / "one.yaml").unlink()
    assert call("new", "my-paper/two", "--pack", "my_paper").status == 0
    assert "\npaper: author2020\n" in (paper.parent / "two.yaml").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("my-paper/one",), "my_paper/experiments/my_paper/one.yaml: is there already\n"),
        (("wgan-gp/gradient-norms",), "is experiment wgan-gp/gradient-norms already\n"),
        (("My/x",), "'My/x' can be no experiment's id\n"),
        (("../x",), "'../x' can be no experiment's id\n"),
        (("one/paper",), "'one/paper': paper.yaml holds the paper's citation\n"),
        (("one",), "'one' can be no experiment's id\n"),
        ((f"{'a' * 39}/x",), "can be no experiment's id\n"),
        (
            ("a/x", "--pack", "my_paper/metrics.py"),
            "my_paper/metrics.py: is a file, and no folder\n",
        ),
        (("a/x", "--pack", "there"), "there/metrics.py: is there already\n"),
    ],
)
def test_it_says_what_is_in_the_way_and_writes_nothing(at: Path, words: tuple[str, ...], said: str) -> None:
    call("new", "my-paper/one")
    (at / "there").mkdir()
    (at / "there" / "metrics.py").write_text("mine = 1\n")
    before = {path: path.read_bytes() for path in at.rglob("*") if path.is_file()}
    answer = call("new", *words)
    assert answer.status == 2
    assert said in answer.err
    assert {path: path.read_bytes() for path in at.rglob("*") if path.is_file()} == before


def test_a_folder_that_takes_nothing_is_told_with_its_own_cure(
    at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not with that of a folder of results, which would have to be made room in."""

    def refuse(path: Path, content: bytes) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(new, "write", refuse)
    assert call("new", "my-paper/one").err == (
        "error: my_paper/pack.yaml: cannot be written: Read-only file system\n"
        "    name a folder that can be written to, with --pack FOLDER\n"
    )


def test_two_new_packs_are_used_together(at: Path) -> None:
    """What they bring has other names, also where these are as long as can be."""
    papers = ("one-paper", "other-paper", "3d-gan", "a" * 38, "a" * 37 + "b")
    for paper in papers:
        assert call("new", f"{paper}/first", "--pack", paper).status == 0
    every = [word for paper in papers for word in ("--pack", paper)]
    answer = call("validate", "*/first", *every)
    assert answer == (0, "5 of 5 experiment files are valid\n", "")


def test_a_pack_of_the_same_name_is_told(at: Path, bag: Path) -> None:
    answer = call("new", "bag/new")
    assert answer.err == f"error: {BAG}/pack.yaml: is pack 'bag' already\n    add to it with --pack FOLDER\n"


@pytest.mark.parametrize("paper", ["3d-gan", "a"])
def test_any_legal_name_becomes_a_valid_file(at: Path, paper: str) -> None:
    assert call("new", f"{paper}/x-1").status == 0
