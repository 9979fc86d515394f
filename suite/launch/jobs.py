"""From studies to jobs: which runs are wanted, and what a worker is told of a batch of them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from suite.launch.batches import Batch
from suite.launch.job import Job
from suite.spec.runs import Run
from suite.store.record import Record
from suite.store.series import series_of
from suite.store.store import Store
from suite.store.version_names import code_of
from suite.study import Study

if TYPE_CHECKING:
    from suite.judge.assess import ClaimResult


def judged(study: Study, records: Mapping[str, Record], store: Store) -> "tuple[ClaimResult, ...]":
    """A study's claims as they stand."""
    from suite.judge.assess import assess  # Its statistics take a second to load.

    return assess(study, records, partial(series_of, store))


def wanted(found: "Mapping[Study, Sequence[ClaimResult]]", records: Mapping[str, Record]) -> list[Run]:
    """Every study's first look, and the next one of claims that are undecided; without what is there."""
    able = {study: results for study, results in found.items() if not study.not_run}
    runs = [run for study in able for run in study.first_runs()]
    if any(able.values()):
        from suite.judge.assess import next_runs

        runs += [run for study, results in able.items() for run in next_runs(study, results)]
    return list({run.id: run for run in runs if run.id not in records}.values())


def askers(studies: Sequence[Study], runs: Sequence[Run]) -> list[Study]:
    """The studies that may look at one of some runs: its experiment's variants, and borrowers of its arm."""
    own = {run.experiment for run in runs}
    return [s for s in studies if s.experiment.id in own or any(map(s.condition_of, runs))]


def job_of(
    batch: Batch, studies: Sequence[Study], others: Sequence[Study], store: Store, seconds: float
) -> Job:
    """The job that trains a batch and saves it every so many seconds. The claims of ``others`` are put
    down in the records as well.
    """
    first = batch.runs[0]
    asking = askers(studies, batch.runs)
    names = (first.experiment, first.variant)
    study = next((s for s in asking if (s.experiment.id, s.variant) == names), asking[0])
    return Job(
        runs=batch.runs,
        metrics=study.experiment.metrics,
        criteria={
            f"{asker.name}:{name}": criterion
            for asker in askers([*studies, *others], batch.runs)
            for name, criterion in asker.criteria.items()
        },
        code=code_of(batch.runs),
        store=str(store.root),
        checkpoint_seconds=seconds,
    )
