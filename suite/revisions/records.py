"""The records that a revision left, also those of before records had seals."""

from suite.revisions.revision import Revision
from suite.store.record import Record
from suite.store.seal import SEALS, read_unsealed


def records_of(revision: Revision) -> dict[str, Record]:
    """The records of a revision's version of the code, by run id. Where it seals them, only those whose
    seal fits; where it does not, all that can be read.
    """
    if (revision.code / SEALS).is_file():
        return revision.store.records()
    found = (read_unsealed(folder.record_path) for folder in revision.store.folders())
    return {record.run.id: record for record in found if record is not None}
