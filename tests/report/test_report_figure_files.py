"""Files of figures: the same bytes from the same records, and drawn anew only where something has changed."""

import itertools
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import numpy as np
import pytest

from suite.report import inputs
from suite.report.evidence import Evidence, StoredEvidence
from suite.report.figures import aside, files
from suite.report.figures.files import Drawn, Figures, Task, write_figures
from suite.report.figures.saved import saved
from suite.spec.packs.noted import taken
from suite.store.store import Store
from suite.study import Study

NAMES_OF_ARRAYS = ("surface.values",)
NAMES = [("wgan/parallel-lines", "against_theta"), ("wgan/parallel-lines", "missing")]


@pytest.fixture
def lines(evidence: list[Evidence], tmp_path: Path) -> Evidence:
    """A study with two figures, in a store of its own."""
    one = evidence[3]
    shutil.copytree(one.store.root, tmp_path / "results")
    return remade(one, Store(tmp_path / "results", one.store.fingerprint))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the figures that were drawn, instead of drawing them."""
    found: list[str] = []

    def pretend(task: Task) -> None:
        for name, path in task.paths.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(name)
            path.with_suffix(".pdf").write_text(name)
            found.append(name)

    monkeypatch.setattr(files, "perform", pretend)
    return found


def remade(one: Evidence, store: Store | None = None) -> Evidence:
    records = {record.run.id: record for record in one.records}
    return StoredEvidence(one.study, records, store or one.store, one.reference)


def again(one: Evidence, folder: Path, known: Mapping[str, Drawn]) -> Figures:
    return write_figures([one], [inputs.inputs(one)], folder, known)


def contents(made: Figures) -> list[bytes]:
    return [
        path.with_suffix(suffix).read_bytes() for path in made.paths.values() for suffix in files.SUFFIXES
    ]


def test_the_same_records_give_the_same_bytes_in_however_many_processes(
    lines: Evidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = again(lines, tmp_path / "a", {})
    monkeypatch.setattr(files, "WORTH", 1)
    monkeypatch.setattr(files, "cores", lambda: 2)
    second = again(lines, tmp_path / "b", {})
    assert list(first.paths) == list(second.paths) == NAMES
    assert contents(first) == contents(second)
    assert contents(first)[0].startswith(b"\x89PNG")
    assert contents(first)[1].startswith(b"%PDF")
    assert first.drawn == second.drawn


def test_what_has_not_changed_is_not_drawn_again(lines: Evidence, tmp_path: Path, drawn: list[str]) -> None:
    first = again(lines, tmp_path / "figures", {})
    second = again(remade(lines), tmp_path / "figures", first.drawn)
    assert drawn == [name for _, name in NAMES]
    assert second == first


def test_drawing_is_shown_where_something_is_drawn(
    lines: Evidence, tmp_path: Path, drawn: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    made_from = [inputs.inputs(lines)]
    known = write_figures([lines], made_from, tmp_path, {}, shown=True).drawn
    bar = capsys.readouterr().err
    assert "  0%" in bar
    assert bar.rstrip().endswith("drawing figures")
    assert "100%" in bar
    write_figures([lines], made_from, tmp_path, known, shown=True)
    write_figures([lines], made_from, tmp_path, {})
    assert drawn == 2 * [name for _, name in NAMES]
    assert capsys.readouterr().err == ""


def test_figures_of_other_reports_are_put_aside_and_not_drawn_again(
    lines: Evidence, tmp_path: Path, drawn: list[str]
) -> None:
    folder = tmp_path / "figures"
    first = again(lines, folder, {})
    of_both = files.both(first.paths.values())
    (folder / "notes.txt").write_text("mine")
    aside.put_aside(folder, [])
    assert {path.name for path in folder.iterdir()} == {aside.ASIDE, "notes.txt"}
    assert again(lines, folder, first.drawn) == first
    assert all(path.exists() for path in of_both)
    assert list((folder / aside.ASIDE).iterdir()) == []
    assert drawn == [name for _, name in NAMES]


def test_what_was_put_aside_and_is_stale_is_drawn_anew(
    lines: Evidence, tmp_path: Path, drawn: list[str]
) -> None:
    first = again(lines, tmp_path / "figures", {})
    aside.put_aside(tmp_path / "figures", [])
    again(other_title(lines), tmp_path / "figures", first.drawn)
    assert drawn == 2 * [name for _, name in NAMES]


def other_metric(one: Evidence) -> Evidence:
    record = one.records[0]
    changed = msgspec.structs.replace(record, digest="another", seal="")
    return StoredEvidence(
        one.study, {r.run.id: changed if r is record else r for r in one.records}, one.store
    )


def one_run_less(one: Evidence) -> Evidence:
    return StoredEvidence(one.study, {record.run.id: record for record in one.records[1:]}, one.store)


def no_series(one: Evidence) -> Evidence:
    (one.store.folder(one.records[0].run.id).path / "series.parquet").unlink()
    return remade(one)


def other_arrays(one: Evidence) -> Evidence:
    (one.store.folder(one.records[0].run.id).path / "arrays.npz").write_bytes(b"others")
    return remade(one)


def other_title(one: Evidence) -> Evidence:
    study = one.study
    experiment = msgspec.structs.replace(study.experiment, title="Another")
    changed = Study(study.paper, experiment, study.scale, study.overrides, study.path)
    return StoredEvidence(changed, {record.run.id: record for record in one.records}, one.store)


@pytest.mark.parametrize("change", [other_metric, one_run_less, no_series, other_arrays, other_title])
def test_another_input_has_the_figures_drawn_anew(
    lines: Evidence, tmp_path: Path, drawn: list[str], change: Callable[[Evidence], Evidence]
) -> None:
    first = again(lines, tmp_path / "figures", {})
    again(change(lines), tmp_path / "figures", first.drawn)
    assert drawn == 2 * [name for _, name in NAMES]


@pytest.mark.parametrize("what", ["code", "loaded"])
def test_so_has_other_code(
    lines: Evidence, tmp_path: Path, drawn: list[str], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    first = again(lines, tmp_path / "figures", {})
    monkeypatch.setattr(inputs, what, lambda: "another")
    again(lines, tmp_path / "figures", first.drawn)
    assert drawn == 2 * [name for _, name in NAMES]


@pytest.mark.parametrize("suffix", files.SUFFIXES)
def test_a_file_that_is_lost_or_changed_is_drawn_anew_and_no_other(
    lines: Evidence, tmp_path: Path, drawn: list[str], suffix: str
) -> None:
    first = again(lines, tmp_path / "figures", {})
    path = first.paths[NAMES[1]].with_suffix(suffix)
    path.write_text("changed")
    again(lines, tmp_path / "figures", first.drawn)
    path.unlink()
    assert again(lines, tmp_path / "figures", first.drawn) == first
    assert drawn == ["against_theta", *3 * ["missing"]]


def test_what_cannot_be_drawn_is_told_and_has_a_sentence_in_its_place(
    evidence: list[Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of arrays may be damaged, or somebody else's: a report is not lost for it."""
    one = next(each for each in evidence if "profiles" in kinds(each))
    figure = next(each for each in one.study.experiment.figures.values() if each.kind == "profiles")
    whole, _ = saved(one, figure), taken()
    shapes = itertools.count(1)
    monkeypatch.setattr(
        one, "_arrays_of", lambda _: dict.fromkeys(NAMES_OF_ARRAYS, np.ones((2, next(shapes), 3)))
    )
    made, told = saved(one, figure), taken()
    assert made.png != whole.png
    (text,) = told.values()
    assert f"figure {figure.title!r} of {one.study.name}: cannot be drawn from these results" in text
    assert "remove the run's folder" in text


def kinds(evidence: Evidence) -> set[str]:
    return {figure.kind for figure in evidence.study.experiment.figures.values()}
