"""The records that a revision left, also those of before records had seals."""

from collections.abc import Iterator

import msgspec

from suite.revisions.revision import Revision
from suite.store.record import FORMAT, Record

SEALS = "suite/store/seal.py"
"""What a revision has that seals its records."""


def records_of(revision: Revision) -> dict[str, Record]:
    """The records of a revision's version of the code, by run id. Where it seals them, only those whose
    seal fits; where it does not, all that can be read.
    """
    if (revision.code / SEALS).is_file():
        return revision.store.records()
    return {record.run.id: record for record in _unsealed(revision)}


def _unsealed(revision: Revision) -> Iterator[Record]:
    for folder in revision.store.folders():
        try:
            record = msgspec.json.decode(folder.record_path.read_bytes(), type=Record)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            continue
        if (record.format, record.run.id) == (FORMAT, folder.path.name):
            yield record
