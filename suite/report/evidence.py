"""A study's records, and what else its runs left on disk, read when it is asked for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial

import numpy as np
from numpy.typing import NDArray

from suite.judge.measures import ProtocolOf, measured, protocols
from suite.series import Series
from suite.spec.runs import Condition, seeds
from suite.spec.schema import FactorValue
from suite.store.arrays import read_arrays
from suite.store.record import Record
from suite.store.reference import Stated
from suite.store.series import series_of
from suite.store.store import Store, uncollected
from suite.study import Study

Array = NDArray[np.float64]
NUMBERS = frozenset("fiub")
"""Kinds of NumPy's types."""


class Evidence:
    """What there is of one study, whoever keeps it."""

    def __init__(
        self,
        study: Study,
        found: Iterable[tuple[Condition, Record]],
        series_of: Callable[[str], Mapping[str, Series]],
        arrays_of: Callable[[str], Mapping[str, NDArray[np.generic]]],
    ) -> None:
        """Of records with the conditions of ``study`` that they are of, those of a condition in the order of
        their seeds, and what reads the series and the arrays of a run, each run's once.
        """
        self.study, self._series_of, self._arrays_of = study, cache(series_of), cache(arrays_of)
        self._of: dict[int, list[Record]] = {}
        pairs = tuple(found)
        self.records = tuple(record for _, record in pairs)
        for condition, record in pairs:
            self._of.setdefault(id(condition), []).append(record)

    def of(self, condition: Condition) -> tuple[Record, ...]:
        """The records of a condition, in the order of their seeds."""
        return tuple(self._of.get(id(condition), ()))

    def finished(self, condition: Condition) -> tuple[Record, ...]:
        """Those that trained to the end."""
        return tuple(r for r in self.of(condition) if r.outcome.state == "finished")

    def diverged(self, condition: Condition) -> tuple[Record, ...]:
        """Those whose loss was not finite at some iteration."""
        return tuple(r for r in self.of(condition) if r.outcome.state == "diverged")

    def firsts(self, arm: str, where: Mapping[str, FactorValue]) -> tuple[Record | None, ...]:
        """Of each draw of an arm, in the order of the file, the run of the first seed; None where that is not
        there.
        """
        (seed,) = seeds(1)
        found = map(self.of, self.study.matching(arm, where))
        return tuple(next((r for r in records if r.run.seed == seed), None) for records in found)

    def number(self, record: Record, name: str) -> float:
        """A metric of a run; NaN where it diverged, failed, or did not measure it; see ``measured``."""
        return self._number(record, name, self._protocol_of(name, record.run.setting.probes))

    def numbers(self, condition: Condition, name: str) -> Array:
        """A metric of every run of a condition, shape [runs], NaN as in ``number``."""
        way = self._protocol_of(name, condition.setting.probes)
        return np.array([self._number(record, name, way) for record in self.of(condition)], dtype=np.float64)

    def _number(self, record: Record, name: str, way: str) -> float:
        return measured(record, name, self.study.experiment.metrics[name], way, lambda: self.series(record))

    @cached_property
    def _protocol_of(self) -> ProtocolOf:
        return protocols(self.study.experiment.metrics)

    def series(self, record: Record) -> Mapping[str, Series]:
        """The scalar series of a run; none where there are none."""
        return self._series_of(record.run.id)

    def array(self, record: Record, name: str) -> Array | None:
        """A recorded array, shape [points, ...], None where the run has none of numbers."""
        found = self._arrays_of(record.run.id).get(name)
        if found is None or found.ndim == 0 or len(found) == 0 or found.dtype.kind not in NUMBERS:
            return None
        return found.astype(np.float64)

    def arrays(self, records: Iterable[Record], name: str) -> Iterator[tuple[Record, Array]]:
        """The runs that have an array, with it."""
        for record in records:
            found = self.array(record, name)
            if found is not None:
                yield record, found


class StoredEvidence(Evidence):
    """What a store has of one study."""

    def __init__(
        self,
        study: Study,
        records: Mapping[str, Record],
        store: Store,
        reference: Mapping[str, Stated] | None = None,
    ) -> None:
        """Of ``records``, only those of runs that ``study`` asks for as it is now are kept, whatever
        study, scale or variant they were first made for: the same setting is the same run. ``reference``
        holds the claims of the committed reference by their ids.
        """
        asked = ((study.condition_of(record.run), record) for record in records.values())
        mine = sorted(((c, r) for c, r in asked if c is not None), key=lambda each: each[1].run.seed)
        super().__init__(study, mine, partial(series_of, store), partial(arrays_of, store))
        self.store, self.reference = store, reference or {}

    def __reduce__(self) -> tuple[object, ...]:
        """For another process: as it was made."""
        records = {record.run.id: record for record in self.records}
        return type(self), (self.study, records, self.store, self.reference)


def gather(
    studies: Sequence[Study],
    store: Store,
    reference: Mapping[str, Stated] | None = None,
    records: Mapping[str, Record] | None = None,
) -> list[StoredEvidence]:
    """Every study with its records: those of the store, where they have not been read already."""
    every = store.records() if records is None else records
    with uncollected():
        found = _shared_out(studies, every)
        return [
            StoredEvidence(study, mine, store, reference) for study, mine in zip(studies, found, strict=True)
        ]


def arrays_of(store: Store, run_id: str) -> Mapping[str, NDArray[np.generic]]:
    """The arrays of one run; none where its file is missing or damaged."""
    return read_arrays(store.folder(run_id).path / "arrays.npz") or {}


def _shared_out(studies: Sequence[Study], records: Mapping[str, Record]) -> list[dict[str, Record]]:
    """For each study the records of the experiments whose runs it looks at."""
    found: list[dict[str, Record]] = [{} for _ in studies]
    asking: dict[str, list[dict[str, Record]]] = {}
    for study, mine in zip(studies, found, strict=True):
        for experiment in study.experiments:
            asking.setdefault(experiment, []).append(mine)
    for name, record in records.items():
        for mine in asking.get(record.run.experiment, ()):
            mine[name] = record
    return found
