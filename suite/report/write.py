"""The whole report in a folder, written anew only where something has changed."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from suite.errors import UserError
from suite.judge.assess import ClaimResult
from suite.report.evidence import StoredEvidence, gather
from suite.report.figures.aside import ASIDE, put_aside
from suite.report.figures.files import Drawn, both, write_figures
from suite.report.inputs import inputs
from suite.report.regenerate import Again
from suite.report.results_json import report_json
from suite.spec.packs.noted import noted
from suite.spec.schema import Frozen
from suite.store.decoding import read_json
from suite.store.files import write
from suite.store.lock import Lock
from suite.store.record import Record
from suite.store.reference import stated
from suite.store.store import Store, uncollected
from suite.study import Study


class Written(Frozen):
    """What ``written.json`` says of a report: from what it was made, and its files."""

    inputs: str
    files: dict[str, str]
    """The hash of each, which shows that it is still what was written."""
    figures: dict[str, Drawn] = {}
    """By the name of the picture; of other reports in this folder, too."""


def write_report(
    studies: Sequence[Study],
    results: Sequence[ClaimResult],
    store: Store,
    folder: Path,
    again: Again,
    records: Mapping[str, Record] | None = None,
    *,
    shown: bool = False,
) -> Path:
    """Write tables, figures, report.json and the page; return the page's path. The records are the store's,
    where they have not been read already. What is drawn goes on under a bar where it is ``shown``.

    Where nothing has changed since the last time nothing is done, nor matplotlib imported.
    """
    reference = stated(store.root, studies[0].scale) if studies else {}
    evidence = gather(studies, store, reference, records)
    made_from = [inputs(each) for each in evidence]
    of_all = digest(made_from, results, again)
    with _alone(folder):
        before = _before(folder)
        if of_all != before.inputs or not _stand(folder, before.files):
            files, figures = _write(evidence, made_from, results, folder, again, before.figures, shown)
            hashes = {path.relative_to(folder).as_posix(): _hash(path) for path in files}
            now = Written(inputs=of_all, files=hashes, figures=before.figures | figures)
            if noted():  # To be written again, even if nothing changes but what a pack's code found missing.
                now = Written(inputs="", files=hashes)
            write(folder / "written.json", msgspec.json.encode(now))
    return folder / "index.html"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While no other process of this machine writes a report there, whose figures may be others. UserError
    where a link would take it elsewhere.
    """
    for each in (folder.parent, folder, folder / "figures", folder / "figures" / ASIDE, folder / "tables"):
        if each.is_symlink():
            raise UserError(f"{each}: is a link\n    remove it: a report is written into folders of its own")
    with Lock(folder.with_name(f".{folder.name}.lock")) as lock:
        lock.wait()
        yield


def digest(made_from: Sequence[str], results: Sequence[ClaimResult], again: Again) -> str:
    """Hash of all that a report depends on: the studies' inputs, among them its own code, and the rest."""
    total = hashlib.sha256("\0".join([*made_from, again.command, *again.folders]).encode())
    for result in results:
        total.update(f"\0{result.id}\0{result.judgement!r}\0{result.controls!r}".encode())
    total.update(msgspec.json.encode(report_json(results)))
    return total.hexdigest()


def _stand(folder: Path, files: Mapping[str, str]) -> bool:
    """Whether the files of a report are there as they were written."""
    return all((folder / name).is_file() and _hash(folder / name) == known for name, known in files.items())


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _before(folder: Path) -> Written:
    """What the last report's note says; that it says nothing, where there is none."""
    return read_json(folder / "written.json", Written) or Written(inputs="", files={})


def _write(
    evidence: Sequence[StoredEvidence],
    made_from: Sequence[str],
    results: Sequence[ClaimResult],
    folder: Path,
    again: Again,
    known: Mapping[str, Drawn],
    shown: bool,
) -> tuple[list[Path], dict[str, Drawn]]:
    """The files, and what the figures among them were made from."""
    # Imported here: they bring pandas, which an unchanged report does not need.
    from suite.report.page import write_page
    from suite.report.tables import write_tables

    figures = write_figures(evidence, made_from, folder / "figures", known, shown=shown)
    verdicts = folder / "report.json"
    write(verdicts, msgspec.json.format(msgspec.json.encode(report_json(results)), indent=2) + b"\n")
    with uncollected():
        tables = write_tables(evidence, results, folder / "tables")
        page = write_page(evidence, results, figures.paths, folder, again)
    pictures = both(figures.paths.values())
    put_aside(folder / "figures", pictures)
    return [page, verdicts, *tables, *pictures], figures.drawn
