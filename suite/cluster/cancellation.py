"""Which jobs are taken back with some runs, and whose runs are in these jobs as well: pure."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from suite.cluster.manifest import Submission
from suite.spec.runs import Run


class Taken(NamedTuple):
    """What is taken back of one submission."""

    submission: Submission
    left: dict[int, frozenset[str]]
    """By the number of a bundle whose job is taken back: its runs that have no record yet."""
    follow_up: str
    """The job in the queue that goes on after them; empty where there is none."""
    is_whole: bool
    """Whether all runs are meant, so that this job would go on with nothing."""

    @property
    def jobs(self) -> list[str]:
        """SLURM's names of all that is taken back."""
        trained = [self.submission.bundles[number].job for number in self.left]
        return [*trained, self.follow_up] if self.follow_up and self.is_whole else trained


def taken(
    submission: Submission, asked: Collection[str], done: Collection[str], queue: Collection[str]
) -> Taken:
    """The jobs in the queue that have still to train a run that is ``asked`` for."""
    runs = {n: frozenset(each.runs) for n, each in enumerate(submission.bundles)}
    left = {n: runs[n].difference(done) for n, each in enumerate(submission.bundles) if each.job in queue}
    return Taken(
        submission,
        {n: still for n, still in left.items() if still.intersection(asked)},
        submission.follow_up if submission.follow_up in queue else "",
        all(each.issubset(asked) for each in runs.values()),
    )


def beside(each: Taken, runs: Sequence[Sequence[Run]], asked: Collection[str]) -> list[Run]:
    """The runs of other studies that stop, of ``runs`` by bundle. One that is lent is its lender's, where
    more of the lender's was submitted.
    """
    others = {study_of(run) for bundle in runs for run in bundle if run.id not in asked}
    stopped = (run for number, left in each.left.items() for run in runs[number] if run.id in left)
    return [run for run in stopped if study_of(run) in others]


def study_of(run: Run) -> tuple[str, str]:
    """Its experiment and variant."""
    return run.experiment, run.variant
