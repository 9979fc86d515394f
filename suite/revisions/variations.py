"""Ways of training the same runs, of which docs/determinism.md promises that they give the same bits."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from suite.launch.batches import REPLICAS, batches
from suite.launch.estimate import seconds
from suite.launch.job import Job
from suite.launch.jobs import job_of
from suite.launch.pool import Pool
from suite.series import Series
from suite.spec import schema
from suite.spec.runs import Run
from suite.store.record import Record
from suite.store.series import series_of
from suite.store.store import Store
from suite.store.version import fingerprint
from suite.store.version_names import loaded
from suite.study import Study

NEVER = 1e9
"""Seconds between checkpoints: nobody goes on with these."""
STARTING = 3.5
"""Seconds until workers train: each way has its own."""
LEAVING = "stopping: what has been trained is of no use without the rest"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
SMOOTH = {"tanh", "softplus", "elu"}
"""Activations whose vector kernels may round the last elements in another way."""
VECTOR = 64


class Way(NamedTuple):
    """How runs are trained."""

    name: str
    most: int = REPLICAS
    """Runs a batch."""
    company: int = 0
    """Further seeds of each run that are trained along with it."""
    workers: int = 1
    threads: int = 1

    @property
    def other_batches(self) -> bool:
        """Whether a run is in another batch than the first time."""
        return self.most != REPLICAS or self.company > 0


FIRST = Way("first")
WAYS = (
    Way("again"),
    Way("alone", most=1),
    Way("in company", company=2),
    Way("two workers", workers=2),
    Way("two threads", threads=2),
)


class Trained(NamedTuple):
    """A run's record and series."""

    record: Record
    series: Mapping[str, Series]


def train(way: Way, runs: Sequence[Run], studies: Sequence[Study]) -> dict[str, Trained]:
    """Train runs in a way, from the start, in a store that is gone afterwards; by the run's id."""
    with TemporaryDirectory(prefix="wgan-suite-") as folder, _threads(way.threads):
        store = Store(Path(folder), fingerprint(), loaded())
        found = batches(in_company(runs, way.company), {}, lambda _: way.most)
        jobs = [msgspec.json.encode(job_of(batch, studies, (), store, NEVER)) for batch in found]
        Pool(way.workers, _Watcher(), leaving=LEAVING).run(jobs)
        records = {run.id: store.folder(run.id).record() for run in runs}
        return {id_: Trained(r, series_of(store, id_)) for id_, r in records.items() if r is not None}


def estimate(runs: Sequence[Run]) -> float:
    """About how many seconds it takes to train runs in all ways, the first one included."""
    return sum(
        STARTING + sum(seconds([run]) for run in in_company(runs, way.company)) / way.workers
        for way in (FIRST, *WAYS)
    )


def in_company(runs: Sequence[Run], seeds: int) -> list[Run]:
    """The runs and, of each, as many with the seeds that follow; none twice."""
    every = [msgspec.structs.replace(run, seed=run.seed + i) for i in range(seeds + 1) for run in runs]
    return list({run.id: run for run in every}.values())


def is_promised(run: Run, way: Way, device: str) -> bool:
    """Whether docs/determinism.md promises that a run ends with the same bits in this way."""
    return device == "cpu" and not (way.other_batches and has_odd_sizes(run.setting))


def has_odd_sizes(setting: schema.Setting) -> bool:
    """Whether a perceptron has a smooth activation and layers that do not fill whole vectors."""
    networks = [n for n in (setting.critic, setting.generator) if isinstance(n, _PERCEPTRONS)]
    return any(n.activation in SMOOTH and setting.batch_size * n.width % VECTOR for n in networks)


_PERCEPTRONS = schema.MLPCritic | schema.MLPGenerator


class _Watcher:
    """Hears nothing but of workers that died."""

    def advanced(self, job: bytes, share: float, note: str) -> None:
        """See ``suite.launch.pool.Watcher``."""

    def ended(self, job: bytes) -> Iterable[bytes]:
        """See ``suite.launch.pool.Watcher``."""
        return ()

    def lost(self, job: bytes, reason: str) -> Iterable[bytes]:
        """See ``suite.launch.pool.Watcher``."""
        from suite.launch.records import lost

        lost(msgspec.json.decode(job, type=Job), reason)
        return ()


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Let worker processes have so many threads, where a library asks the environment."""
    before = dict(os.environ)
    os.environ.update(dict.fromkeys(THREADS, str(count)))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
