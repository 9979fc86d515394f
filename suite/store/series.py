"""A run's series as a Parquet file: quantity, iteration, value."""

import io
from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from suite.series import Series
from suite.store.store import Store

COLUMNS = ("quantity", "iteration", "value")
TYPES: Final = [pa.dictionary(pa.int32(), pa.string()), pa.int64(), pa.float64()]
LARGEST: Final = 2**28
"""Bytes that are read of a file when they are unpacked."""
MOST: Final = 2**24
"""Rows that are read; a file of a few bytes can state any number of equal ones."""


def encode(series: Mapping[str, Series]) -> bytes:
    """The file's bytes. The same series give the same bytes."""
    names = sorted(series)
    quantity = np.repeat(np.array(names, dtype=object), [len(series[n].iterations) for n in names])
    empty = [np.zeros(0)]
    table = pa.table(
        {
            "quantity": pa.array(quantity, pa.string()).dictionary_encode(),
            "iteration": np.concatenate([series[n].iterations for n in names] or empty).astype(np.int64),
            "value": np.concatenate([series[n].values for n in names] or empty).astype(np.float64),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def table_of(store: Store, run_id: str) -> pa.Table | None:
    """The three columns of a run's file; None where it is missing, damaged or holds something else."""
    try:
        path = store.folder(run_id).path / "series.parquet"
        if not path.is_file():  # A pipe would be waited for.
            return None
        # read_table would look for a folder of files first, and start threads for one small one.
        file = pq.ParquetFile(path)
        if file.metadata.num_rows > MOST or _bytes(file) > LARGEST or file.schema_arrow.types != TYPES:
            return None
        table = file.read(use_threads=False).select(COLUMNS)
        table.validate(full=True)
    except Exception:  # What a damaged file raises depends on which of its bytes are wrong.
        return None
    return table


def _bytes(file: pq.ParquetFile) -> int:
    """What its groups of rows are said to hold when they are unpacked."""
    about = file.metadata
    return sum(about.row_group(index).total_byte_size for index in range(about.num_row_groups))


def series_of(store: Store, run_id: str) -> Mapping[str, Series]:
    """The series of one run; none where its file is missing or damaged."""
    table = table_of(store, run_id)
    if table is None:
        return {}
    names, iterations, values = (table[column].to_numpy() for column in COLUMNS)
    return {str(name): _where(names == name, iterations, values) for name in dict.fromkeys(names)}


def _where(chosen: NDArray[np.bool_], iterations: NDArray[np.int64], values: NDArray[np.float64]) -> Series:
    return Series(iterations[chosen], values[chosen])
