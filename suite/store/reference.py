"""The committed results of a release: small enough for git, whole enough to be compared with.

results/reference/<release>/<scale>/
    records.jsonl.gz     a head, every claim and every record, a JSON object a line; numbers of lent runs
    summary.json         the claims, to be read by programs and in diffs
    README.md            the scoreboard
    figures/             beyond desk scale, where a figure is not redrawn in minutes

The head holds a digest of all lines below it, and every record its own seal. A reference stays as it was
written: `suite.store.formats` reads those of older formats.
"""

import gzip
import hashlib
import io
import re
import tomllib
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeVar

import msgspec

from suite.errors import UserError
from suite.places import KEPT
from suite.spec.schema import Frozen, Scale
from suite.store.files import write
from suite.store.formats import CLAIMS, HEADS, Newer, Plain, Step, format_of, upgraded
from suite.store.record import Measured, Record
from suite.store.seal import Flaw, Problem, opened
from suite.store.version import ROOT

FORMAT: Final = 1
"""Of what is written now, but for the records, which have their own."""
FILE = "records.jsonl.gz"
FIGURES = "figures"
USUAL: Final[Scale] = "desk"
"""The scale that every release has."""
LARGEST = 2**28
"""Bytes that the file may hold, uncompressed; the rest is not read."""
# ValueError is msgspec's too. RecursionError is of values in values, thousands deep.
_BROKEN: Final = (OSError, EOFError, zlib.error, ValueError, RecursionError)

T = TypeVar("T")


class Stated(Frozen, kw_only=True):
    """A claim as it was judged; numbers are null where infinite or not measured."""

    id: str
    """Experiment and claim."""
    paper: str
    variant: str = ""
    says: str
    verdict: Literal["reproduced", "refuted", "inconclusive", "not evaluated"]
    reason: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    margin: float | None = None
    required: str
    """The rule in words."""
    n: int
    """Seeds per arm."""
    criterion: str
    """Hash of the rule."""


class Head(Frozen, kw_only=True):
    """The first line of the file."""

    format: int
    """Of the file, also where it has been read as one of today."""
    release: str
    scale: Scale
    fingerprint: str
    """Of the code that trained the runs."""
    claims: int
    runs: int
    """Lines of claims, then of records."""
    lent: int = 0
    """Further lines, of runs that are lent."""
    digest: str
    """SHA-256 of the lines below."""


class Lent(Frozen, kw_only=True):
    """What borrowers of a run measure of it. A reference keeps no series, in which they would find it."""

    run: str
    metrics: dict[str, Measured]
    """By experiment and metric."""


class Reference(NamedTuple):
    """The results of a release."""

    head: Head
    claims: tuple[Stated, ...]
    records: dict[str, Record]
    """By run id. Those of lent runs have their borrowers' metrics as well."""
    problems: tuple[Problem, ...] = ()
    """Records of settings that this version of the suite no longer has."""


class Made(NamedTuple):
    """What a reference is made of."""

    release: str
    scale: Scale
    fingerprint: str
    claims: Sequence[Stated]
    records: Mapping[str, Record]
    scoreboard: str
    lent: Sequence[Lent] = ()
    figures: Mapping[str, bytes] = {}
    """Pictures by the names of their files."""


def release() -> str:
    """The version of this suite."""
    with suppress(FileNotFoundError):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        return str(project["project"]["version"])
    return version("wgan-suite")


def place(results: Path, name: str, scale: Scale = USUAL) -> Path:
    """The folder of a release's reference at a scale."""
    return results / "reference" / name / scale


def releases(results: Path, scale: Scale = USUAL) -> list[str]:
    """The releases with a reference at a scale in a folder of results, the oldest first."""
    return sorted((path.parents[1].name for path in results.glob(f"reference/*/{scale}/{FILE}")), key=age)


def write_reference(results: Path, made: Made, *, force: bool = False) -> Path:
    """Write a release's reference at one scale; its folder. Equal input gives equal bytes. UserError where
    there is one already, unless ``force``.
    """
    folder = place(results, made.release, made.scale)
    if (folder / FILE).exists() and not force:
        raise UserError(
            f"{folder}: there is a reference of release {made.release} already\n"
            "    raise the version in pyproject.toml, or write over it with --force"
        )
    head, lines = _lines(made)
    _write_figures(folder / FIGURES, made.figures)
    write(folder / "README.md", _readme(head, made).encode())
    write(folder / "summary.json", _summary(head, made))
    write(folder / FILE, _zipped(msgspec.json.encode(head) + b"\n" + lines))
    return folder


def _write_figures(folder: Path, figures: Mapping[str, bytes]) -> None:
    for path in folder.glob("*.png"):
        path.unlink()
    for name, content in figures.items():
        write(folder / name, content)


def nearest(results: Path, scale: Scale) -> Reference | None:
    """The newest reference at a scale in a folder of results, or else of this checkout. None where neither
    has one. UserError where it is not whole.
    """
    place_ = _nearest(results, scale)
    return read_reference(place_, scale=scale) if place_ else None


def _nearest(results: Path, scale: Scale) -> Path | None:
    return next((place for place in (results, KEPT) if releases(place, scale)), None)


def stated(results: Path, scale: Scale) -> dict[str, Stated]:
    """The claims of the nearest reference by their ids, as they were judged then; none where there is none at
    this scale, or not a whole one.
    """
    place_ = _nearest(results, scale)
    if place_ is None:
        return {}
    try:
        _, claims, *_ = _parts(place(place_, releases(place_, scale)[-1], scale) / FILE)
    except (*_BROKEN, UserError):
        return {}
    return {claim.id: claim for claim in claims if not claim.variant}


def read_reference(results: Path, name: str = "", scale: Scale = USUAL) -> Reference:
    """The reference of a release at a scale, the newest where no name is given. UserError where it is not
    there, damaged, edited or of a newer format.
    """
    there = releases(results, scale)
    if not there or name not in ("", *there):
        of = f" of release {name}" if name else ""
        raise UserError(
            f"{results / 'reference'}: no reference{of} at {scale} scale\n"
            f"    releases there: {', '.join(there) or 'none'}; "
            f"run_suite.py reference --scale {scale} writes that of this version"
        )
    path = place(results, name or there[-1], scale) / FILE
    try:
        return _read(path)
    except _BROKEN as error:
        raise UserError(
            f"{path}: {error}\n    take it from git again: git checkout -- {path.parent}"
        ) from None


def _read(path: Path) -> Reference:
    head, claims, lines, lent = _parts(path)
    found = [_record(line, head) for line in lines]
    problems = (Problem(path, each) for each in found if isinstance(each, Flaw))
    records = {record.run.id: record for record in found if isinstance(record, Record)}
    for each in (msgspec.json.decode(line, type=Lent) for line in lent):
        if (record := records.get(each.run)) is not None:
            metrics = {**each.metrics, **record.metrics}
            records[each.run] = msgspec.structs.replace(record, metrics=metrics)
    return Reference(head, claims, records, tuple(problems))


def _parts(path: Path) -> tuple[Head, tuple[Stated, ...], list[bytes], list[bytes]]:
    """The head, the claims, and as lines that are still to be read the records and what is lent.

    Raises what a damaged file raises: ``_BROKEN``.
    """
    with gzip.open(path) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError("too large for a reference")
    first, _, rest = content.partition(b"\n")
    plain = msgspec.json.decode(first, type=Plain)
    of = format_of(plain)
    head = _upgraded(plain, HEADS, of, Head, path)
    if head.scale != path.parent.name:
        raise ValueError(f"of {head.scale} scale, in the folder of another")
    lines = rest.splitlines()
    if hashlib.sha256(rest).hexdigest() != head.digest or len(lines) != head.claims + head.runs + head.lent:
        raise ValueError("damaged, or edited by hand: the content does not fit its digest")
    stated = (msgspec.json.decode(line, type=Plain) for line in lines[: head.claims])
    claims = tuple(_upgraded(claim, CLAIMS, of, Stated, path) for claim in stated)
    last = head.claims + head.runs
    return head, claims, lines[head.claims : last], lines[last:]


def _upgraded(plain: Plain, steps: Mapping[int, Step], of: int, type_: type[T], path: Path) -> T:
    """A line as it would be written today. UserError where it is of a newer format."""
    try:
        return msgspec.convert(upgraded(plain, steps, of, FORMAT), type_)
    except Newer as error:
        summary = path.with_name("summary.json")
        raise UserError(f"{path}: {error}\n    update the suite, or read the claims in {summary}") from None


def _record(line: bytes, head: Head) -> Record | Flaw:
    """A record, or why it is none here, though it is as it was written."""
    found = opened(line)
    if isinstance(found, Flaw) and found.fault == "of another form":
        return found
    if isinstance(found, Flaw):
        raise ValueError(f"a record that is {found.fault}: {found.why}")  # noqa: TRY004  The file's fault, not the caller's.
    if found.code.fingerprint != head.fingerprint:
        raise ValueError(f"a record of another version of the code: {found.code.fingerprint}")
    return found


def _lines(made: Made) -> tuple[Head, bytes]:
    values = [*made.claims, *(made.records[name] for name in sorted(made.records)), *made.lent]
    lines = b"".join(msgspec.json.encode(value) + b"\n" for value in values)
    head = Head(
        format=FORMAT,
        release=made.release,
        scale=made.scale,
        fingerprint=made.fingerprint,
        claims=len(made.claims),
        runs=len(made.records),
        lent=len(made.lent),
        digest=hashlib.sha256(lines).hexdigest(),
    )
    return head, lines


def _zipped(content: bytes) -> bytes:
    """Without a name and a time, which would make equal contents unequal."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()


def _summary(head: Head, made: Made) -> bytes:
    content = {"head": head, "states": _states(made), "claims": made.claims}
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def _states(made: Made) -> dict[str, int]:
    return dict(sorted(Counter(record.outcome.state for record in made.records.values()).items()))


def _readme(head: Head, made: Made) -> str:
    records = made.records.values()
    counted = ", ".join(f"{count} {state}" for state, count in _states(made).items()) or "none"
    first = min((record.started for record in records), default="never")
    last = max((record.ended for record in records), default="never")
    facts = [
        f"- code: {head.fingerprint}",
        *(f"- commit: {each}" for each in sorted({_commit(record) for record in records})),
        *(f"- trained on: {each}" for each in sorted({machine(record) for record in records})),
        f"- from {first} to {last}",
        f"- runs: {head.runs} ({counted})",
        f"- SHA-256 of claims and records: {head.digest}",
    ]
    return (
        f"# Reference of release {head.release}, {head.scale} scale\n\n"
        "Written by `run_suite.py reference`; do not edit.\n"
        f"`run_suite.py compare reference now{_at(head.scale)}` tells what has changed since.\n"
        f"`{FILE}` holds every claim and every record, `summary.json` the claims.\n\n"
        + "\n".join(facts)
        + f"\n\n```text\n{made.scoreboard}\n```\n"
        + "".join(f"\n![{Path(name).stem}]({FIGURES}/{name})\n" for name in sorted(made.figures))
    )


def _at(scale: Scale) -> str:
    return "" if scale == USUAL else f" --scale {scale}"


def _commit(record: Record) -> str:
    return (record.code.commit or "none") + (" with uncommitted changes" if record.code.patch else "")


def machine(record: Record) -> str:
    """Where a run was trained, for people."""
    of = record.environment
    packages = ", ".join(f"{name} {of.packages[name]}" for name in ("torch", "numpy") if name in of.packages)
    device = of.processor if of.device == "cpu" else of.device
    return f"{device}, {of.threads} thread, Python {of.python}, {packages}".rstrip(", ")


def age(name: str) -> tuple[tuple[int, ...], bool, str]:
    """Sorts 0.9 before 0.10, and 1.0rc1 before 1.0."""
    numbers = re.match(r"[\d.]*", name)
    text = numbers[0] if numbers else ""
    rest = name[len(text) :]
    return tuple(int(each) for each in text.split(".") if each), not rest, rest
