"""The whole report in a folder, written anew only where something has changed."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from suite.judge.assess import ClaimResult
from suite.report.results_json import report_json
from suite.spec.packs.found import packs
from suite.spec.schema import Frozen
from suite.store.files import write
from suite.store.record import Record
from suite.store.reference import Stated, stated
from suite.store.store import Store
from suite.store.versions import loaded
from suite.study import Study

SOURCES = Path(__file__).parent


class Written(Frozen):
    """What ``written.json`` says of a report: from what it was made, and its files."""

    inputs: str
    files: tuple[str, ...]


def write_report(
    studies: Sequence[Study], results: Sequence[ClaimResult], store: Store, folder: Path, command: str
) -> Path:
    """Write tables, figures, report.json and the page; return the page's path.

    Where nothing has changed since the last time nothing is done, nor matplotlib imported.
    """
    records = store.records()
    reference = stated(store.root, studies[0].scale) if studies else {}
    inputs = digest(studies, results, records.values(), command, reference)
    if not _is_written(folder, inputs):
        files = _write(studies, results, store, folder, command, reference)
        names = tuple(path.relative_to(folder).as_posix() for path in files)
        write(folder / "written.json", msgspec.json.encode(Written(inputs, names)))
    return folder / "index.html"


def digest(
    studies: Sequence[Study],
    results: Sequence[ClaimResult],
    records: Iterable[Record],
    command: str,
    reference: Mapping[str, Stated],
) -> str:
    """Hash of all that a report depends on, its own code and templates included."""
    total = hashlib.sha256(command.encode() + b"\0" + msgspec.json.encode(reference))
    for part in _parts(studies, results, records):
        total.update(part + b"\0")
    return total.hexdigest()


def _parts(
    studies: Sequence[Study], results: Sequence[ClaimResult], records: Iterable[Record]
) -> Iterator[bytes]:
    for study in studies:
        yield f"{study.scale}\0{study.variant}".encode()
        yield msgspec.json.encode((study.paper, study.experiment))
    yield msgspec.json.encode([each.declaration for each in packs()] + [*loaded()])
    yield msgspec.json.encode([(r.id, repr(r.judgement), repr(r.controls)) for r in results])
    yield msgspec.json.encode(report_json(results))
    for record in records:
        yield msgspec.json.encode(record)
    for path in sorted(path for path in SOURCES.rglob("*") if path.suffix in (".py", ".j2", ".css")):
        yield path.read_bytes()


def _is_written(folder: Path, inputs: str) -> bool:
    try:
        before = msgspec.json.decode((folder / "written.json").read_bytes(), type=Written)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return before.inputs == inputs and all((folder / name).is_file() for name in before.files)


def _write(
    studies: Sequence[Study],
    results: Sequence[ClaimResult],
    store: Store,
    folder: Path,
    command: str,
    reference: Mapping[str, Stated],
) -> list[Path]:
    # Imported here: they bring matplotlib and pandas, which an unchanged report does not need.
    from suite.report.evidence import gather
    from suite.report.figures.draw import write_figures
    from suite.report.page import write_page
    from suite.report.tables import write_tables

    evidence = gather(studies, store, reference)
    figures = write_figures(evidence, folder / "figures")
    tables = write_tables(evidence, results, folder / "tables")
    verdicts = folder / "report.json"
    write(verdicts, msgspec.json.format(msgspec.json.encode(report_json(results)), indent=2) + b"\n")
    page = write_page(evidence, results, figures, folder, command)
    pictures = [drawn.with_suffix(suffix) for drawn in figures.values() for suffix in (".png", ".pdf")]
    return [page, verdicts, *tables, *pictures]
