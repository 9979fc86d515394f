"""A fake scheduler on the PATH, or a real one where there is one, and small experiments to launch."""

import os
from pathlib import Path

import pytest

from suite.launch import local
from tests.cli.calls import Place
from tests.cluster import real
from tests.cluster.fake.slurm import FakeSlurm
from tests.cluster.site import Site, site
from tests.launch.small import PoolHere, write_experiments

REQUIRED = "WGAN_SUITE_SLURM"
"""Where this variable is set, tests that find no SLURM fail instead of being skipped."""


@pytest.fixture(scope="session")
def slurm() -> None:
    """The SLURM that slurm.sh starts; skip where it does not answer."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        pytest.skip("a SLURM that is broken on purpose cannot be shared: run pytest -m slurm, without -n")
    try:
        real.require()
    except real.Absent as why:
        if REQUIRED in os.environ:
            raise
        pytest.skip(str(why))


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSlurm:
    """A cluster of this test's own; no variable of a job that the tests may run in is left."""
    for name in os.environ:
        if name.startswith(("SLURM_", "SLURMD_", "SBATCH_", "SRUN_", "SUBMITIT_")):
            monkeypatch.delenv(name)
    made = FakeSlurm(tmp_path / "cluster")
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def here(tmp_path: Path, fake: FakeSlurm) -> Site:
    """The small experiment without results, and a cluster."""
    write_experiments(tmp_path)
    return site(tmp_path, fake)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The results of the small experiment, trained in this process; not to be changed."""
    place = Place(tmp_path_factory.mktemp("trained"))
    write_experiments(place.root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "Pool", PoolHere)
        answer = place.call("run", "--no-report", "--quiet")
    assert answer.status == 0, answer
    return place
