"""A run's series as a Parquet file: quantity, iteration, value."""

import io
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from suite.series import Series
from suite.store.store import Store

COLUMNS = ("quantity", "iteration", "value")


def encode(series: Mapping[str, Series]) -> bytes:
    """The file's bytes. The same series give the same bytes."""
    names = sorted(series)
    quantity = np.repeat(np.array(names, dtype=object), [len(series[n].iterations) for n in names])
    empty = [np.zeros(0)]
    table = pa.table(
        {
            "quantity": pa.array(quantity, pa.string()).dictionary_encode(),
            "iteration": np.concatenate([series[n].iterations for n in names] or empty).astype(np.int64),
            "value": np.concatenate([series[n].values for n in names] or empty),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def series_of(store: Store, run_id: str) -> Mapping[str, Series]:
    """The series of one run; none where its file is missing or damaged."""
    try:
        path = store.folder(run_id).path / "series.parquet"
        # read_table would look for a folder of files first, and start threads for one small one.
        table = pq.ParquetFile(path).read(use_threads=False)
        names, iterations, values = (table[column].to_numpy() for column in COLUMNS)
    except (OSError, KeyError, pa.ArrowException):
        return {}
    return {str(name): _where(names == name, iterations, values) for name in dict.fromkeys(names)}


def _where(chosen: NDArray[np.bool_], iterations: NDArray[np.int64], values: NDArray[np.float64]) -> Series:
    return Series(iterations[chosen], values[chosen])
