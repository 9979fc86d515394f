"""A run's series as a Parquet file: quantity, iteration, value."""

import io
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from suite.training.log import Series


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
