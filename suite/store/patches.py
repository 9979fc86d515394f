"""The uncommitted changes that records name by their hash."""

from suite.store.files import write
from suite.store.store import Store
from suite.store.version import code, patch


def keep_patch(store: Store) -> None:
    """Write those of the running code beside the runs; nothing where there are none."""
    if code().patch:
        write(store.runs / f"{code().patch}.patch", patch())
