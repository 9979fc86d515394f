"""The whole report, and when it is written anew."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from suite.errors import UserError
from suite.judge.assess import ClaimResult
from suite.report import write
from suite.report.evidence import gather
from suite.report.figures.files import Drawn
from suite.report.inputs import inputs
from suite.report.regenerate import Again
from suite.report.write import Written, digest, write_report
from suite.store.record import Record
from suite.store.reference import Stated
from suite.store.store import Store
from suite.study import Study

CLAIM = Stated(
    id="a/b:c", paper="p", says="", verdict="refuted", reason="", required="> 0", n=6, criterion="0" * 12
)
AGAIN = Again("uv run run_suite.py report --scale desk")


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Folders in which a report is written for real, in place of writing it."""
    folders: list[Path] = []

    def pretend(
        evidence: object, made_from: object, results: object, folder: Path, *rest: object
    ) -> tuple[list[Path], dict[str, Drawn]]:
        folders.append(folder)
        page = folder / "index.html"
        page.write_text("page")
        return [page], {page.name: Drawn(inputs="a", png="b", pdf="c")}

    monkeypatch.setattr(write, "_write", pretend)
    return folders


def test_all_files_are_there(report: Path, results: list[ClaimResult]) -> None:
    names = {path.relative_to(report).as_posix() for path in report.rglob("*") if path.is_file()}
    figures = {name for name in names if name.startswith("figures/")}
    assert names - figures == {
        "index.html", "report.json", "written.json", "tables/claims.csv", "tables/claims.md",
        "tables/claims.tex", "tables/metrics.csv", "tables/runs.csv",
    }  # fmt: skip
    assert len(figures) == 2 * 15
    told = json.loads((report / "report.json").read_text())
    assert [claim["id"] for claim in told["claims"]] == [result.id for result in results]


def test_an_unchanged_report_is_not_written_again(
    studies: list[Study], results: list[ClaimResult], store: Store, tmp_path: Path, drawings: list[Path]
) -> None:
    for _ in range(2):
        page = write_report(studies, results, store, tmp_path, AGAIN)
    assert (page, drawings) == (tmp_path / "index.html", [tmp_path])


def test_a_missing_file_or_a_damaged_note_is_written_again(
    studies: list[Study], results: list[ClaimResult], store: Store, tmp_path: Path, drawings: list[Path]
) -> None:
    write_report(studies, results, store, tmp_path, AGAIN)
    (tmp_path / "index.html").unlink()
    write_report(studies, results, store, tmp_path, AGAIN)
    (tmp_path / "written.json").write_text("{")
    write_report(studies, results, store, tmp_path, AGAIN)
    assert len(drawings) == 3
    (tmp_path / "index.html").write_text("something else")
    page = write_report(studies, results, store, tmp_path, AGAIN)
    assert page.read_text() == "page"
    assert len(drawings) == 4


@pytest.mark.parametrize("link", [".", "figures", "tables", "figures/.others"])
def test_a_report_goes_through_no_link(
    link: str,
    studies: list[Study],
    results: list[ClaimResult],
    store: Store,
    tmp_path: Path,
    drawings: list[Path],
) -> None:
    """Results may be somebody else's, and a link in them lead to anything of mine."""
    folder, mine = tmp_path / "report" / "desk", tmp_path / "mine"
    mine.mkdir()
    (folder / link).parent.mkdir(parents=True, exist_ok=True)
    (folder / link).symlink_to(mine)
    with pytest.raises(UserError, match=r"is a link\n    remove it"):
        write_report(studies, results, store, folder, AGAIN)
    assert drawings == []
    assert not list(mine.iterdir())


def test_only_the_figures_of_the_page_lie_beside_it(
    studies: list[Study], store: Store, report: Path, results: list[ClaimResult], tmp_path: Path
) -> None:
    shutil.copytree(report, tmp_path / "report")
    figures = tmp_path / "report" / "figures"
    before = {path.name: path.read_bytes() for path in figures.iterdir()}
    (figures / "of-an-experiment-that-is-no-more.png").write_bytes(b"old")
    named = [study for study in studies if study.experiment.id == "wgan/parallel-lines"]
    own = [result for result in results if result.study in named]
    page = write_report(named, own, store, tmp_path / "report", AGAIN).read_text()
    left = {path.name for path in figures.glob("*.*") if path.is_file()}
    assert left == {name for name in before if name.startswith("wgan-parallel-lines")}
    assert page.count("data:image/png") == len(left) // 2
    write_report(studies, results, store, tmp_path / "report", AGAIN)
    assert {path.name: path.read_bytes() for path in figures.glob("*.*") if path.is_file()} == before


def test_what_is_known_of_figures_of_other_reports_stays(
    studies: list[Study], results: list[ClaimResult], store: Store, tmp_path: Path, drawings: list[Path]
) -> None:
    others = {"another.png": Drawn(inputs="d", png="e", pdf="f")}
    note = Written(inputs="", files={}, figures=others)
    (tmp_path / "written.json").write_bytes(msgspec.json.encode(note))
    write_report(studies, results, store, tmp_path, AGAIN)
    now = msgspec.json.decode((tmp_path / "written.json").read_bytes(), type=Written)
    assert now.figures == others | {"index.html": Drawn(inputs="a", png="b", pdf="c")}
    assert len(drawings) == 1


def test_the_digest_covers_what_a_report_depends_on(
    studies: list[Study], results: list[ClaimResult], store: Store
) -> None:
    records = store.records()
    less = dict(list(records.items())[1:])
    changed = msgspec.structs.replace(results[0].judgement, reason="another")
    made = made_from(studies, store)
    digests = {
        digest(made, results, AGAIN),
        digest(made, results, Again("another command")),
        digest(made, results, AGAIN._replace(folders=("--data", "another"))),
        digest(made_from(studies, store, None, less), results, AGAIN),
        digest(made[1:], results, AGAIN),
        digest(made, [results[0]._replace(judgement=changed), *results[1:]], AGAIN),
        digest(made, [results[0]._replace(post_hoc=True), *results[1:]], AGAIN),
        digest(made_from(studies, store, {CLAIM.id: CLAIM}), results, AGAIN),
    }
    assert len(digests) == 8
    assert digest(made_from(studies, store, None, records), results, AGAIN) in digests


def made_from(
    studies: list[Study],
    store: Store,
    reference: Mapping[str, Stated] | None = None,
    records: Mapping[str, Record] | None = None,
) -> list[str]:
    return [inputs(each) for each in gather(studies, store, reference, records)]


def test_what_is_needed_for_an_unchanged_report_imports_no_matplotlib() -> None:
    code = "import sys, suite.report.write; print({'pandas', 'matplotlib', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
