"""Records as tidy pandas frames."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Final, NamedTuple

import pandas as pd

from suite.store.record import Record
from suite.store.seal import problem_lines
from suite.store.series import table_of
from suite.store.store import Store

Columns = Mapping[str, Callable[[Record], object]]

BEFORE: Final[Columns] = {
    "run": attrgetter("run.id"),
    "experiment": attrgetter("run.experiment"),
    "scale": attrgetter("run.scale"),
    "variant": attrgetter("run.variant"),
    "arm": attrgetter("run.arm"),
    "seed": attrgetter("run.seed"),
}
"""Columns of a table of runs that stand before the factors', and what a record has in them."""
BEHIND: Final[Columns] = {
    "state": attrgetter("outcome.state"),
    "diverged_at": attrgetter("outcome.step"),
    "seconds": attrgetter("cost.seconds"),
    "flops": attrgetter("cost.flops"),
    "replicas": attrgetter("cost.replicas"),
    "commit": attrgetter("code.commit"),
    "patch": attrgetter("code.patch"),
    "fingerprint": attrgetter("code.fingerprint"),
    "started": attrgetter("started"),
    "digest": attrgetter("digest"),
}
RUN_COLUMNS = (*BEFORE, *BEHIND)
"""Of a table of runs, but for the factors'."""


class Frames(NamedTuple):
    """The results of one version of the code.

    ``runs``: one row a run. ``metrics``: run, metric, value, protocol. ``series``: run, quantity,
    iteration, value. ``run`` is the run's id in all three.
    """

    runs: pd.DataFrame
    metrics: pd.DataFrame
    series: pd.DataFrame


def frames(store: Store) -> Frames:
    """All records of a store, with a warning where some cannot be used."""
    contents = store.contents()
    records = contents.records
    if contents.problems:
        warnings.warn(f"records are left out:\n{problem_lines(contents.problems)}", stacklevel=4)
    return Frames(runs_frame(records.values()), metrics_frame(records.values()), series_frame(store, records))


def runs_frame(records: Iterable[Record]) -> pd.DataFrame:
    """One row a run, with its factor levels as columns ``factor.<name>``."""
    rows = [_row(record) for record in records]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=RUN_COLUMNS)


def metrics_frame(records: Iterable[Record]) -> pd.DataFrame:
    """One row a run and metric."""
    rows = [
        (record.run.id, name, measured.number(), measured.protocol)
        for record in records
        for name, measured in record.metrics.items()
    ]
    return pd.DataFrame(rows, columns=["run", "metric", "value", "protocol"])


def series_frame(store: Store, run_ids: Iterable[str]) -> pd.DataFrame:
    """The series of the given runs, one row a point."""
    points = {run_id: _points(store, run_id) for run_id in run_ids}
    tables = [frame.assign(run=run_id) for run_id, frame in points.items() if len(frame)]
    columns = ["run", "quantity", "iteration", "value"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _points(store: Store, run_id: str) -> pd.DataFrame:
    table = table_of(store, run_id)
    if table is None:
        return pd.DataFrame({"quantity": [], "iteration": [], "value": []})
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _row(record: Record) -> dict[str, object]:
    return {
        **{name: get(record) for name, get in BEFORE.items()},
        **{f"factor.{name}": level for name, level in record.run.levels.items()},
        **{name: get(record) for name, get in BEHIND.items()},
    }
