"""What a cluster's jobs get: a copy of each pack, whatever becomes of the pack afterwards."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from suite.launch.job import Job
from suite.spec.packs.found import VARIABLE
from suite.store.version import fingerprint
from tests.cluster.conftest import fake  # noqa: F401
from tests.cluster.fake.slurm import FakeSlurm
from tests.cluster.site import Site, site
from tests.launch.small import write_experiments

LOOK = """\
import sys
from pathlib import Path
from suite.cluster.payload import to_do
from suite.spec.packs.found import packs
from suite.store.version_names import loaded
print([str(each.folder) for each in packs()], loaded(), [len(job.runs) for job in to_do(Path(sys.argv[1]))])
"""
TRAIN = """\
import sys
from suite.cluster.payload import to_do
from suite.launch.perform import perform
from pathlib import Path
for job in to_do(Path(sys.argv[1])):
    perform(job, lambda share, note: None, lambda: False)
"""


@pytest.fixture
def launched(tmp_path: Path, fake: FakeSlurm, copied: Path, load: Callable[..., None]) -> Site:  # noqa: F811
    """The pack's experiment at smoke scale in jobs of a cluster; the pack itself is gone since."""
    write_experiments(tmp_path)
    load(copied)
    here = site(tmp_path, fake)
    answer = here.place.call(*here.words(), "bag/everything", "--scale", "smoke")
    assert answer.status == 0, answer
    (copied / "code.py").unlink()
    return here


def copy_of(here: Site) -> Path:
    (copy,) = (here.place.results / "cluster" / "code").iterdir()
    return copy


def bundles(here: Site) -> list[Path]:
    return sorted(here.place.results.glob("cluster/submissions/*/bundles/*.json"))


def on_a_node(here: Site, program: str, *words: str) -> str:
    """A program that finds the code as a job does, with another idea of the packs in its variables."""
    variables = os.environ | {"PYTHONPATH": str(copy_of(here)), "PYTHONSAFEPATH": "1", VARIABLE: "/nowhere"}
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True,
        text=True,
        check=False,
        env=variables,
        cwd=here.place.root,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_jobs_know_the_pack_by_its_copy(launched: Site) -> None:
    (path,) = bundles(launched)
    (job,) = {job.code.fingerprint for job in msgspec.json.decode(path.read_bytes(), type=list[Job])}
    name, version = job.removeprefix(f"{fingerprint()}+").split(".")
    found = on_a_node(launched, LOOK, str(path)).strip()
    folder = copy_of(launched) / "frozen_packs" / "bag"
    assert found == f"{[str(folder)]} {((name, version),)} [2, 2]"


def test_they_are_trained_and_their_records_found(
    launched: Site, copied: Path, load: Callable[..., None]
) -> None:
    (path,) = bundles(launched)
    on_a_node(launched, TRAIN, str(path))
    load(copy_of(launched) / "frozen_packs" / "bag")
    answer = launched.place.call("status", "bag/everything", "--scale", "smoke", "--json")
    assert answer.out.count('"finished"') == 4, answer


def test_a_job_of_another_content_is_not_trained(launched: Site) -> None:
    (path,) = bundles(launched)
    file = copy_of(launched) / "frozen_packs" / "bag" / "code.py"
    file.write_text(file.read_text() + "x = 1\n")
    with pytest.raises(AssertionError, match="the copy of the code was changed"):
        on_a_node(launched, LOOK, str(path))


def test_a_run_that_waits_is_not_submitted_again(
    launched: Site, copied: Path, load: Callable[..., None]
) -> None:
    load(copy_of(launched) / "frozen_packs" / "bag")
    answer = launched.place.call(*launched.words(), "bag/everything", "--scale", "smoke")
    assert "nothing to submit, 4 runs wait or are at work" in answer.out
    other = copied.with_name("other")
    (copied / "code.py").write_text(
        (copy_of(launched) / "frozen_packs" / "bag" / "code.py").read_text() + "x = 1\n"
    )
    copied.rename(other)
    load(other)
    answer = launched.place.call(*launched.words(), "bag/everything", "--scale", "smoke")
    assert "runs to be trained" in answer.out
