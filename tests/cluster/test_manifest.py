"""Manifests: written, read again, damaged, and made up by somebody who means harm."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suite.cluster import manifest
from suite.cluster.manifest import Submission, SubmittedBundle
from suite.cluster.profile import Profile
from suite.cluster.scheduler import Job
from suite.store.record import Code

ID = "20261121-120000-00ff"
DRAFT = Submission(
    id=ID,
    time=1.7e9,
    cluster="there",
    profile=Profile(partition="gpu", gpus=2, setup=("module load python",), options={"exclusive": True}),
    scale="desk",
    code=Code("0123456789ab", "c0ffee"),
    copy="/somewhere",
    bundles=tuple(SubmittedBundle(runs=(f"a.s{i}.0", f"b.s{i}.0"), seconds=60.0) for i in range(4)),
)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder of results with one submission."""
    manifest.save(tmp_path, DRAFT)
    return tmp_path


def file_of(results: Path) -> Path:
    return manifest.folder(results, ID) / "submission.json"


def edited(results: Path, change: Callable[[dict[str, Any]], object]) -> list[Submission]:
    """What is read after somebody has edited the file."""
    held = json.loads(file_of(results).read_bytes())
    change(held)
    file_of(results).write_text(json.dumps(held))
    return list(manifest.submissions(results))


def jobs(submission: Submission) -> list[str]:
    return [bundle.job for bundle in submission.bundles]


def test_what_was_written_is_read(results: Path) -> None:
    assert list(manifest.submissions(results)) == [DRAFT]


def test_bundles_are_called_as_they_ever_were(results: Path) -> None:
    """Older manifests are read, and older code, such as that of jobs that wait, reads those of today."""
    held = json.loads(file_of(results).read_bytes())
    assert held["packs"][1] == {"runs": ["a.s1.0", "b.s1.0"], "seconds": 60.0}
    assert "bundles" not in held
    (found,) = edited(results, lambda held: held["packs"][1].update(job="12_1"))
    assert jobs(found) == ["", "12_1", "", ""]


def test_a_manifest_is_replaced_as_a_whole(results: Path) -> None:
    later = manifest.with_jobs(DRAFT, {0: "12_0", 2: "12_2"})
    manifest.save(results, later)
    (found,) = manifest.submissions(results)
    assert jobs(found) == ["12_0", "", "12_2", ""]
    assert [path.name for path in file_of(results).parent.iterdir()] == ["submission.json"]


def test_the_oldest_submission_is_read_first(results: Path) -> None:
    """Of the same second, or named by clocks that differ: the time counts."""
    ids = ["20261121-120000-ffff", "20261121-120000-0000", "20261121-115959-ffff"]
    for number, id_ in enumerate(ids, 1):
        manifest.save(results, msgspec.structs.replace(DRAFT, id=id_, time=DRAFT.time + number))
    assert [each.id for each in manifest.submissions(results)] == [ID, *ids]


def test_no_submissions(tmp_path: Path) -> None:
    assert list(manifest.submissions(tmp_path)) == []
    (tmp_path / "cluster" / "submissions" / "empty").mkdir(parents=True)
    assert list(manifest.submissions(tmp_path)) == []


def test_jobs_that_the_queue_knows_and_the_manifest_does_not() -> None:
    name = manifest.job_name(ID, 2)
    queue = {"12_0": Job("PENDING", "", name), "12_1": Job("RUNNING", "", name)}
    assert jobs(manifest.with_queued(DRAFT, queue)) == ["", "", "12_0", "12_1"]


def test_a_single_job_that_only_the_queue_knows() -> None:
    queue = {"77": Job("PENDING", "", manifest.job_name(ID, 3))}
    assert jobs(manifest.with_queued(DRAFT, queue)) == ["", "", "", "77"]


def test_what_the_manifest_knows_stays() -> None:
    known = manifest.with_jobs(DRAFT, {0: "11_0", 1: "11_1"})
    queue = {"12_0": Job("PENDING", "", manifest.job_name(ID, 2))}
    assert jobs(manifest.with_queued(known, queue)) == ["11_0", "11_1", "12_0", ""]


@pytest.mark.parametrize(
    "name",
    [
        *("", "wgan", "wgan.", f"wgan.{ID}", f"wgan.{ID}.", f"wgan.{ID}.x", f"wgan.{ID}.-1", f"{ID}.0"),
        *(f"wgan.{ID}.99", "wgan.20261121-120000-00fe.0", f"wgan.{ID}.next", f"my.wgan.{ID}.0"),
    ],
)
def test_other_jobs_in_the_queue_are_none_of_ours(name: str) -> None:
    assert manifest.with_queued(DRAFT, {"12_0": Job("RUNNING", "", name)}) == DRAFT


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\0",
        b'{"id": "x"}',
        b"[" * 100_000,
        msgspec.json.encode(DRAFT)[:-20],
    ],
)
def test_a_damaged_manifest_is_left_out(results: Path, content: bytes) -> None:
    manifest.save(results, msgspec.structs.replace(DRAFT, id="20270101-000000-0000"))
    file_of(results).write_bytes(content)
    assert [each.id for each in manifest.submissions(results)] == ["20270101-000000-0000"]


def test_a_manifest_that_is_a_folder_is_left_out(results: Path) -> None:
    file_of(results).unlink()
    file_of(results).mkdir()
    assert list(manifest.submissions(results)) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", 3),
        ("time", "now"),
        ("packs", {}),
        ("packs", [{"runs": "a.s1.0", "seconds": 1}]),
        ("packs", [{"runs": [1], "seconds": 1}]),
        ("packs", [{"runs": [], "seconds": "long"}]),
        ("profile", {"gpus": "two"}),
        ("profile", {"no_such_key": 1}),
        ("code", None),
        ("surprise", 1),
    ],
)
def test_wrong_types_and_unknown_keys_are_left_out(results: Path, key: str, value: object) -> None:
    assert edited(results, lambda held: held.update({key: value})) == []


@pytest.mark.parametrize("id_", ["../../elsewhere", "/etc", "..", "", "20261121-120000-00fe", "a/b", "a\0b"])
def test_a_manifest_that_names_another_folder_is_left_out(results: Path, id_: str) -> None:
    assert edited(results, lambda held: held.update(id=id_)) == []


@pytest.mark.parametrize("job", ["--user=root", "../../x", "12 13", "12_[0-9]", "$(id)", "12_0\n13", "-1"])
def test_a_manifest_with_a_job_that_is_none_is_left_out(results: Path, job: str) -> None:
    """Names of jobs become words of scancel's command line and parts of the names of logs."""
    assert edited(results, lambda held: held["packs"][0].update(job=job)) == []
    assert edited(results, lambda held: (held["packs"][0].update(job=""), held.update(follow_up=job))) == []
