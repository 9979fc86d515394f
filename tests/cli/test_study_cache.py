"""What is kept of experiments between commands is what their files say."""

import shutil
from pathlib import Path

import pytest

from suite import places
from suite.commands import study_cache
from suite.commands.study_cache import Shelf
from suite.errors import UserError
from suite.spec.layout import SCALES
from suite.spec.library import find
from suite.spec.load import load
from suite.spec.schema import Scale


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(study_cache, "FOLDER", tmp_path / "kept")
    copied = tmp_path / "experiments"
    shutil.copytree(places.EXPERIMENTS, copied)
    return copied


def filled(root: Path, scale: Scale = "desk", *, reads: bool = False) -> Shelf:
    made = Shelf(root, scale, reads=reads)
    for path in find(root):
        made.experiment(path)
        made.paper(path)
    made.keep()
    return made


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file can be parsed."""

    def parsed(path: Path, *_: object, **__: object) -> None:
        raise AssertionError(path)

    monkeypatch.setattr(study_cache, "load", parsed)
    monkeypatch.setattr(study_cache, "load_paper", parsed)


@pytest.mark.parametrize("scale", SCALES)
def test_what_is_kept_is_what_the_files_say(root: Path, scale: Scale, request: pytest.FixtureRequest) -> None:
    first = filled(root, scale)
    expected = {path: load(path, scale) for path in find(root)}
    request.getfixturevalue("unread")
    again = Shelf(root, scale, reads=True)
    assert {path: again.experiment(path) for path in find(root)} == expected
    assert [again.paper(path) for path in find(root)] == [first.paper(path) for path in find(root)]


def test_what_was_read_without_the_packs_that_it_uses_is_not_kept(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filled(root, reads=True).file.exists()
    filled(root).file.unlink()
    monkeypatch.setattr(study_cache, "packs_used", lambda experiment: ("a-pack",))
    assert not filled(root, reads=True).file.exists()
    assert filled(root).file.exists()


def test_any_change_of_a_file_makes_all_be_read_again(root: Path) -> None:
    filled(root)
    path = root / "wgan" / "line_descent.yaml"
    path.write_text(path.read_text().replace("title: ", "title: New "))
    assert Shelf(root, "desk", reads=True).experiment(path).title.startswith("New ")


def test_a_new_mistake_is_told(root: Path) -> None:
    filled(root)
    path = root / "wgan" / "line_descent.yaml"
    path.write_text(path.read_text() + "what: else\n")
    with pytest.raises(UserError, match="unknown key 'what'"):
        Shelf(root, "desk", reads=True).experiment(path)


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x83\xa3key\xa0"])
def test_a_damaged_file_is_none(root: Path, content: bytes) -> None:
    made = filled(root)
    made.file.write_bytes(content)
    assert Shelf(root, "desk", reads=True).experiments == {}


def test_with_packs_files_are_always_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(root)
    monkeypatch.setattr(study_cache, "packs", lambda: ("a pack",))
    made = filled(root)
    assert made.known == 0
    assert made.file.exists()
    assert Shelf(root, "desk", reads=False).experiments == {}


def test_a_folder_that_cannot_be_written_to_is_no_fault(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root.parent / "file").write_text("")
    monkeypatch.setattr(study_cache, "FOLDER", root.parent / "file" / "below")
    assert filled(root).experiments
