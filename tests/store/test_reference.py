"""The committed results of a release: written, read back, and refused where they are not whole."""

import gzip
import hashlib
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from suite.cli import parse
from suite.commands import reference as command
from suite.commands.choose import studies
from suite.errors import UserError
from suite.metrics.reduce import protocol
from suite.spec.runs import Run
from suite.store import reference
from suite.store.record import Code, Measured, Outcome
from suite.store.reference import FILE, Made, Stated, read_reference, release, releases, write_reference
from suite.store.seal import sealed
from suite.store.store import Store
from suite.store.version import ROOT, fingerprint
from suite.study import Study
from tests.cli.calls import Place, selected
from tests.launch.records import record
from tests.launch.small import write_experiments
from tests.training.settings import run

CLAIM = Stated(
    id="a/b:c",
    paper="p",
    says="Ten | eleven ∞.",
    verdict="reproduced",
    reason="",
    estimate=0.1 + 0.2,
    low=None,
    high=1.0,
    required="> 0",
    n=6,
    criterion="0" * 12,
)
METRICS = {"a": Measured(0.1, "p"), "b": Measured("-inf", "p"), "c": Measured(None, "q")}
RECORDS = {
    run(seed).id: sealed(record(run(seed), "diverged" if seed == 12 else "finished", METRICS))
    for seed in range(10, 16)
}
MADE = Made("1.2.0", "desk", "fingerprint0", [CLAIM], RECORDS, "the scoreboard")


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def edited(folder: Path, how: Callable[[list[bytes]], None], *, honest: bool = False) -> None:
    """Change the lines of the file, with or without the right digest of the new ones."""
    lines = gzip.decompress((folder / FILE).read_bytes()).splitlines(keepends=True)
    how(lines)
    if honest:
        head = json.loads(lines[0]) | {"digest": hashlib.sha256(b"".join(lines[1:])).hexdigest()}
        lines[0] = json.dumps(head).encode() + b"\n"
    (folder / FILE).write_bytes(gzip.compress(b"".join(lines)))


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    assert write_reference(tmp_path, MADE) == tmp_path / "reference" / "1.2.0" / "desk"
    head, claims, records, problems = read_reference(tmp_path, "1.2.0")
    assert records == RECORDS
    assert claims == (CLAIM,)
    assert (head.release, head.scale, head.fingerprint) == ("1.2.0", "desk", "fingerprint0")
    assert (head.claims, head.runs) == (1, 6)
    assert problems == ()


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    one = write_reference(tmp_path / "one", MADE)
    backwards = MADE._replace(records=dict(reversed(RECORDS.items())))
    other = write_reference(tmp_path / "other", backwards)
    assert digests(one) == digests(other)
    assert digests(one).keys() == {FILE, "summary.json", "README.md"}


def test_the_file_is_open_to_everybody(tmp_path: Path) -> None:
    """gzip and JSON are all that is needed; nothing in it tells when it was written."""
    content = (write_reference(tmp_path, MADE) / FILE).read_bytes()
    assert content[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    lines = [json.loads(line) for line in gzip.decompress(content).splitlines()]
    assert len(lines) == 1 + 1 + 6
    assert [line["run"]["seed"] for line in lines[2:]] == [10, 11, 12, 13, 14, 15]


def test_people_and_programs_can_read_beside_it(tmp_path: Path) -> None:
    folder = write_reference(tmp_path, MADE)
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "# Reference of release 1.2.0, desk scale" in text
    assert "- runs: 6 (1 diverged, 5 finished)" in text
    assert "- commit: commit\n" in text
    assert "```text\nthe scoreboard\n```" in text
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["states"] == {"diverged": 1, "finished": 5}
    assert summary["claims"] == [msgspec.to_builtins(CLAIM)]


def test_each_scale_has_a_reference_of_its_own(tmp_path: Path) -> None:
    """That of a larger one with figures, since these are not redrawn in minutes."""
    larger = MADE._replace(scale="paper", claims=(), figures={"a--b.png": b"one", "c.png": b"two"})
    write_reference(tmp_path, MADE)
    folder = write_reference(tmp_path, larger)
    assert folder == tmp_path / "reference" / "1.2.0" / "paper"
    assert read_reference(tmp_path).claims == (CLAIM,)
    assert read_reference(tmp_path, "1.2.0", "paper").head.scale == "paper"
    assert (releases(tmp_path, "paper"), releases(tmp_path, "gpu")) == (["1.2.0"], [])
    assert {path.name: path.read_bytes() for path in (folder / "figures").iterdir()} == larger.figures
    text = (folder / "README.md").read_text()
    assert "![a--b](figures/a--b.png)" in text
    assert "compare reference now --scale paper" in text
    write_reference(tmp_path, larger._replace(figures={"c.png": b"three"}), force=True)
    assert [path.read_bytes() for path in (folder / "figures").iterdir()] == [b"three"]
    with pytest.raises(
        UserError, match=r"no reference at gpu scale\n    releases there: none; .* --scale gpu"
    ):
        read_reference(tmp_path, scale="gpu")


def test_a_reference_in_the_folder_of_another_scale_is_refused(tmp_path: Path) -> None:
    folder = write_reference(tmp_path, MADE)
    folder.rename(folder.with_name("gpu"))
    with pytest.raises(UserError, match="of desk scale, in the folder of another"):
        read_reference(tmp_path, scale="gpu")
    assert reference.stated(tmp_path, "gpu") == {}


def test_uncommitted_changes_are_told(tmp_path: Path) -> None:
    code = Code("fingerprint0", "commit", "patch")
    changed = {name: sealed(msgspec.structs.replace(each, code=code)) for name, each in RECORDS.items()}
    folder = write_reference(tmp_path, MADE._replace(records=changed))
    assert "- commit: commit with uncommitted changes\n" in (folder / "README.md").read_text()


def test_a_reference_is_not_written_over_unasked(tmp_path: Path) -> None:
    before = digests(write_reference(tmp_path, MADE))
    fewer = MADE._replace(claims=[])
    with pytest.raises(UserError, match=r"there is a reference of release 1\.2\.0 already\n    raise the"):
        write_reference(tmp_path, fewer)
    assert digests(tmp_path / "reference" / "1.2.0" / "desk") == before
    write_reference(tmp_path, fewer, force=True)
    assert read_reference(tmp_path).claims == ()


def test_the_newest_release_is_read_where_none_is_named(tmp_path: Path) -> None:
    for name in ("0.10.0", "0.9.0", "1.0.0rc1", "1.0.0", "0.9.1"):
        write_reference(tmp_path, MADE._replace(release=name))
    (tmp_path / "reference" / "2.0.0").mkdir()
    assert releases(tmp_path) == ["0.9.0", "0.9.1", "0.10.0", "1.0.0rc1", "1.0.0"]
    assert read_reference(tmp_path).head.release == "1.0.0"


@pytest.mark.parametrize("name", ["2.0.0", "..", "../reference/1.2.0", "/", "1.2.0/"])
def test_a_release_that_is_not_there_is_the_users_mistake(tmp_path: Path, name: str) -> None:
    write_reference(tmp_path, MADE)
    with pytest.raises(UserError, match=r"no reference of release .*\n    releases there: 1\.2\.0;"):
        read_reference(tmp_path, name)


def test_none_at_all_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no reference at desk scale\n    releases there: none; run_suite"):
        read_reference(tmp_path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = write_reference(tmp_path, MADE) / FILE
    content = path.read_bytes()
    for place in range(10, len(content), 7):  # Before that come a time and a system, which say nothing.
        path.write_bytes(content[:place])
        with pytest.raises(UserError, match="git checkout -- "):
            read_reference(tmp_path)
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x40]) + content[place + 1 :])
        with pytest.raises(UserError, match="git checkout -- "):
            read_reference(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"<<<<<<< HEAD", gzip.compress(b"", mtime=0), gzip.compress(b"{}\n", mtime=0)]
)
def test_what_is_no_reference_is_refused(tmp_path: Path, content: bytes) -> None:
    (write_reference(tmp_path, MADE) / FILE).write_bytes(content)
    with pytest.raises(UserError, match=r"records\.jsonl\.gz: "):
        read_reference(tmp_path)


def test_an_edited_line_does_not_fit_the_digest(tmp_path: Path) -> None:
    folder = write_reference(tmp_path, MADE)

    def better(lines: list[bytes]) -> None:
        lines[1] = lines[1].replace(b"reproduced", b"refuted")

    edited(folder, better)
    with pytest.raises(UserError, match="does not fit its digest"):
        read_reference(tmp_path)


def test_lines_that_are_gone_are_missed(tmp_path: Path) -> None:
    edited(write_reference(tmp_path, MADE), lambda lines: lines.pop(), honest=True)
    with pytest.raises(UserError, match="does not fit its digest"):
        read_reference(tmp_path)


def test_an_edited_record_is_found_by_its_own_seal(tmp_path: Path) -> None:
    def better(lines: list[bytes]) -> None:
        lines[2] = lines[2].replace(b'"seconds":1.0', b'"seconds":0.5')

    edited(write_reference(tmp_path, MADE), better, honest=True)
    with pytest.raises(UserError, match="a record that is edited: "):
        read_reference(tmp_path)


def test_a_record_of_another_version_is_refused(tmp_path: Path) -> None:
    write_reference(tmp_path, MADE._replace(fingerprint="fingerprint1"))
    with pytest.raises(UserError, match="another version of the code: fingerprint0"):
        read_reference(tmp_path)


def test_a_file_that_swells_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (write_reference(tmp_path, MADE) / FILE).write_bytes(gzip.compress(bytes(10**6)))
    monkeypatch.setattr(reference, "LARGEST", 10**5)
    with pytest.raises(UserError, match="too large for a reference"):
        read_reference(tmp_path)


def test_the_release_is_that_of_the_project_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert release() == project["project"]["version"]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """The small experiment without results."""
    write_experiments(tmp_path)
    return Place(tmp_path)


def finish(place: Place, study: Study, runs: tuple[Run, ...], **changes: object) -> None:
    """Records as if the runs had been trained: every loss is 0.5."""
    store = Store(place.results, fingerprint())
    spec = study.experiment.metrics["loss"]
    for of in runs:
        values = {"loss": Measured(0.5, protocol(spec, of.setting.probes))}
        one = record(of, metrics=values, criteria={f"{study.name}:{k}": c for k, c in study.criteria.items()})
        code = Code(fingerprint(), "commit")
        store.folder(of.id).finish(msgspec.structs.replace(one, code=code, **changes))


def call(place: Place, *words: str, force: bool = False) -> int:
    options = parse(place.words("report", *words))
    options.force = force
    return command.run(options)


def study_of(place: Place, *words: str) -> Study:
    (study,) = studies(selected(*place.words("report", *words)))
    return study


def test_the_command_needs_every_run(place: Place) -> None:
    place.begin()
    with pytest.raises(UserError, match="8 runs are missing or failed"):
        call(place)
    finish(place, study_of(place), study_of(place).first_runs())
    with pytest.raises(UserError, match=r"4 runs are .*\n    run_suite\.py run --scale desk trains"):
        call(place)
    assert not (place.results / "reference").exists()


def test_the_command_keeps_claims_and_records(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    study = study_of(place)
    finish(place, study, study.all_runs())
    stray = study_of(place, "batch_size=8")
    finish(place, stray, stray.first_runs())
    assert call(place) == 0
    folder = place.results / "reference" / release() / "desk"
    assert capsys.readouterr().out.startswith(f"{folder}: 2 claims, 16 runs, ")
    head, claims, records, _ = read_reference(place.results)
    store = Store(place.results, fingerprint())
    assert records == {name: each for name, each in store.records().items() if name in ids(study)}
    assert head.fingerprint == fingerprint()
    decided, undecided = claims
    assert (decided.id, decided.verdict, decided.estimate, decided.n) == (
        "small/pair:decided",
        "reproduced",
        1.0,
        4,
    )
    assert (undecided.verdict, undecided.n) == ("inconclusive", 8)
    assert "pair:decided" in (folder / "README.md").read_text(encoding="utf-8")


def ids(study: Study) -> set[str]:
    return {of.id for of in study.all_runs()}


def test_the_command_keeps_the_figures_of_a_larger_scale(place: Place) -> None:
    study = study_of(place, "--scale", "gpu")
    finish(place, study, study.all_runs())
    assert call(place, "--scale", "gpu") == 0
    folder = place.results / "reference" / release() / "gpu"
    drawn = {path.name for path in (place.results / "report" / "gpu" / "figures").glob("*.png")}
    assert drawn
    assert {path.name for path in (folder / "figures").iterdir()} == drawn


def test_the_command_writes_over_a_reference_when_told_to(place: Place) -> None:
    study = study_of(place)
    finish(place, study, study.all_runs())
    assert call(place) == 0
    with pytest.raises(UserError, match="--force"):
        call(place)
    assert call(place, force=True) == 0


def test_the_command_tells_of_records_that_do_not_count(place: Place) -> None:
    study = study_of(place)
    finish(place, study, study.all_runs())
    first = min(study.first_runs(), key=lambda of: of.id)
    path = place.records()[first.id]
    path.write_text(path.read_text().replace("0.5", "0.9"))
    with pytest.raises(UserError, match=f"1 run is missing or failed\n.*\n    edited  {first.id}: "):
        call(place)


def test_failed_runs_are_missing(place: Place) -> None:
    study = study_of(place)
    finish(place, study, study.all_runs())
    finish(place, study, study.first_runs()[:1], outcome=Outcome("failed", reason="r", traceback="t"))
    with pytest.raises(UserError, match="missing or failed"):
        call(place)


@pytest.mark.parametrize("is_tagged", [True, False])
def test_a_tagged_release_keeps_its_reference(
    place: Place, monkeypatch: pytest.MonkeyPatch, is_tagged: bool
) -> None:
    monkeypatch.setattr(command.places, "KEPT", place.results)
    monkeypatch.setattr(command, "is_released", lambda name: is_tagged and name == release())
    study = study_of(place)
    finish(place, study, study.all_runs())
    assert call(place, force=True) == 0, "there is none yet that could change"
    if is_tagged:
        with pytest.raises(UserError, match=r"is tagged, and its reference stays as it was\n    raise the"):
            call(place, force=True)
    else:
        assert call(place, force=True) == 0


def test_a_tag_of_the_version_makes_a_release(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tags:
        def commit(self, name: str) -> str:
            if name != "v1.2.0":
                raise UserError("no revision")
            return "it"

    monkeypatch.setattr(command, "here", Tags)
    assert command.is_released("1.2.0")
    assert not command.is_released("1.3.0")
