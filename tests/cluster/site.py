"""A small experiment, its results, and a fake scheduler that takes its jobs."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import msgspec

from suite.launch.job import Job
from suite.store.record import Record
from suite.store.store import Heartbeat, RunFolder
from suite.store.version import fingerprint
from tests.cli.calls import Answer, Place
from tests.cluster.fake.slurm import FakeSlurm

PROFILE = """\
partition: main
time: 15m
signal: 30s
checkpoint: 1s
"""
APART = ("replicas=1", "target=1s", "speed=0.000001")
"""Settings with which every run has a job of its own."""


class Site(NamedTuple):
    """Where commands are called, and the cluster they find."""

    place: Place
    fake: FakeSlurm

    @property
    def profile(self) -> Path:
        return self.place.root / "here.yaml"

    def words(self, *settings: str) -> list[str]:
        """Of the launch command."""
        chosen = [word for each in settings for word in ("--set", each)]
        return ["launch", "--cluster", str(self.profile), *chosen]

    def launch(self, *settings: str) -> Answer:
        """Submit what is missing; it must succeed."""
        answer = self.place.call(*self.words(*settings))
        assert answer.status == 0, answer
        return answer

    def rows(self) -> dict[str, dict[str, str]]:
        """What ``status`` says of each run."""
        answer = self.place.call("status", "--json")
        assert answer.status == 0, answer
        return {row["run"]: row for rows in json.loads(answer.out).values() for row in rows}

    def states(self) -> Counter[str]:
        """How many runs are in which state."""
        return Counter(row["state"] for row in self.rows().values())

    def submissions(self) -> list[Path]:
        """Their folders, the oldest first."""
        return sorted((self.place.results / "cluster" / "submissions").glob("*"))

    def trains(self) -> dict[str, list[str]]:
        """The runs of every job the scheduler ever had, the follow-ups left out: by the names that the
        jobs have there and the bundles on disk, whatever the manifests say.
        """
        found: dict[str, list[str]] = {}
        for array in self.fake.arrays():
            submission, _, first = array.option("job-name").removeprefix("wgan.").rpartition(".")
            bundles = self.place.results / "cluster" / "submissions" / submission / "bundles"
            for name in array.names() if first.isdecimal() else ():
                number = int(first) + int(name.partition("_")[2] or 0)
                jobs = msgspec.json.decode((bundles / f"{number}.json").read_bytes(), type=list[Job])
                found[name] = [run.id for job in jobs for run in job.runs]
        return found

    def live(self) -> Counter[str]:
        """In how many jobs that wait or run each run is."""
        trains = self.trains()
        return Counter(run for job in self.fake.active() for run in trains.get(job, []))

    def folder(self, run: str) -> RunFolder:
        return RunFolder(self.place.results / "runs" / fingerprint() / run)

    def finish(self, trained: Place, *runs: str) -> None:
        """Runs get the records that they have elsewhere."""
        for run in runs:
            content = trained.records()[run].read_bytes()
            self.folder(run).finish(msgspec.json.decode(content, type=Record))

    def beat(self, run: str, iteration: int = 5, ago: float = 0.0) -> None:
        """A sign of life of a run, so many seconds ago."""
        beat = Heartbeat(host="node1", process=7, time=time.time() - ago, iteration=iteration, iterations=20)
        path = self.folder(run).heartbeat_path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.encode(beat))


def site(root: Path, fake: FakeSlurm) -> Site:
    """In a folder that has experiments."""
    made = Site(Place(root), fake)
    made.profile.write_text(PROFILE)
    return made
