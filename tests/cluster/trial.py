"""Small experiments, launched on the SLURM that slurm.sh starts."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from suite.cluster import manifest
from suite.store.files import write
from tests.cli.calls import SCRIPT, Place
from tests.cluster import real
from tests.launch.small import PAIR, write_experiments

ALONE = """\
id: small/pair
title: One arm
paper: small2020
figure: Figure 1
tags: [toy]
base:
  data: eight_gaussians
  generator: {kind: mlp, layers: 2, width: 4}
  critic: {kind: mlp, layers: 3, width: 4}
  loss: wasserstein
  optimizer: {kind: rmsprop, lr: 1e-3}
  batch_size: 4
  iterations: 1500
arms:
  clip: {constraint: {kind: clip, bound: 0.1}}
metrics:
  loss: {series: losses.critic, says: critic loss}
claims:
  decided:
    says: The loss is above -1000 more often than in 3 of 10 runs.
    kind: rate
    metric: loss
    arm: clip
    better: higher
    cut: -1000
    margin: 0.3
    looks: [4]
scales:
  smoke: {base: {iterations: 2}}
  desk: {}
  gpu: {}
  paper: {base: {iterations: 1000000}}
"""
"""Four runs in one batch, so in one job, of some seconds."""
RUNS = 4
FACTOR = """\
factors:
  size: {at: batch_size, values: [4, 5, 6]}
metrics:
"""
MANY = PAIR.replace("iterations: 20\n", "iterations: 100\n").replace("metrics:\n", FACTOR)
MANY = MANY.replace("    better: higher\n", "    better: higher\n    where: {size: 4}\n")
"""Six batches for the first looks of two claims, and one for the second look of the one that stays open."""
PROFILE = """\
memory: 2G
time: 15m
signal: 30s
checkpoint: 1s
options: {nodelist: node1}
"""
SLOW = """\
import os, pathlib, time

whole = os.fsync


def slow(file):
    try:
        time.sleep(float(pathlib.Path(__file__).with_name("slow").read_text()))
    except FileNotFoundError:
        pass
    whole(file)


os.fsync = slow
"""
"""Python imports this at its start where it finds it, and saving takes long, and no CPU, so that a job lasts
until it is disturbed. The file ``slow`` beside it has the seconds.
"""


class Cluster(NamedTuple):
    """An experiment, its results, and a profile for the SLURM here."""

    place: Place

    @classmethod
    def at(cls, root: Path, text: str) -> "Cluster":
        """A new one."""
        write_experiments(root, text)
        (root / "here.yaml").write_text(PROFILE)
        (root / "slow").mkdir()
        (root / "slow" / "sitecustomize.py").write_text(SLOW)
        cluster = cls(Place(root))
        cluster.slow_down(2.0)
        return cluster

    def do(self, *words: str) -> str:
        """What a command prints; it must succeed."""
        command = [sys.executable, SCRIPT, *self.place.words(*words)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=600, check=False, env=environment()
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def launch(self, *settings: str, looks: bool = False) -> str:
        """What ``launch`` prints; the job that goes on with further looks only where asked for."""
        profile = ["--cluster", str(self.place.root / "here.yaml")]
        settings = (f"setup=export PYTHONPATH={self.place.root / 'slow'}", *settings)
        options = [] if looks else ["--no-follow-up"]
        return self.do("launch", *profile, *options, *(word for each in settings for word in ("--set", each)))

    def slow_down(self, seconds: float) -> None:
        """From now on this is how long saving one file takes."""
        write(self.place.root / "slow" / "slow", str(seconds).encode())

    def hurry(self) -> None:
        """From now on saving takes no longer than it does."""
        (self.place.root / "slow" / "slow").unlink(missing_ok=True)

    def jobs(self) -> list[str]:
        """SLURM's names of all jobs that were submitted, the newest submission's last."""
        found = manifest.submissions(self.place.results)
        return [bundle.job for submission in found for bundle in submission.bundles]

    def goes_on(self) -> str:
        """SLURM's name of the job after all others of the newest submission."""
        return [*manifest.submissions(self.place.results)][-1].follow_up

    def states(self) -> Counter[str]:
        """How many runs are in which state."""
        return Counter(row["state"] for row in self.rows())

    def rows(self) -> list[dict[str, str]]:
        """What ``status`` says of each run."""
        table = json.loads(self.do("status", "--json"))
        return [row for rows in table.values() for row in rows]

    def checkpoints(self) -> int:
        """How many runs can go on somewhere."""
        return len(list(self.place.results.glob("runs/*/*/checkpoint.npz")))

    def ended(self) -> bool:
        """Whether no job of these results waits or runs, follow-ups included."""
        names = real.ask("squeue", "--noheader", "--array", "--format=%j").split()
        # After the queue: a follow-up that submits has written its manifest before it leaves.
        mine = {f"wgan.{s.id}" for s in manifest.submissions(self.place.results)}
        return not any(name.rpartition(".")[0] in mine for name in names)

    def digests(self) -> dict[str, str]:
        """By run."""
        return {name: json.loads(path.read_bytes())["digest"] for name, path in self.place.records().items()}

    def run_here(self) -> dict[str, str]:
        """The digests of the same experiment, left alone, on this machine."""
        self.do("run", "--no-report", "--quiet", "--workers", "1")
        return self.digests()


def environment() -> dict[str, str]:
    """Of commands, and so of their jobs: many Pythons are started, and each imports torch."""
    found = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return found | {
        "OMP_NUM_THREADS": "1",
        "PYTHONPYCACHEPREFIX": f"{os.environ['WGAN_SUITE_DATA']}-compiled",
    }
