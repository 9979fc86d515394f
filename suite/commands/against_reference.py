"""What ``run`` and the report of a cluster's last job say of the committed reference."""

import sys
from collections.abc import Mapping, Sequence

from suite.commands.selection import Selection
from suite.store.record import Record
from suite.store.store import Store
from suite.study import Study


def beside_reference(
    selection: Selection, chosen: Sequence[Study], records: Mapping[str, Record], store: Store
) -> str:
    """Lines about how these results stand beside the reference; empty where it has nothing of them. Never
    an error: a run does not fail for what it is compared with.
    """
    try:
        from suite.compare.summary import beside, told

        found, again = beside(chosen, records, store), selection.typed("compare", ("reference", "now"))
        return "" if found is None else "\n" + told(found, again, sys.stdout.encoding)
    except Exception as error:  # Whatever it is, the run is done and its report is due.
        return f"\nnot compared with the reference: {str(error).partition(chr(10))[0]}\n"
