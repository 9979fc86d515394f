"""Which data sets are on this machine, where they are looked for, and how to get the others.

Looks at names and sizes only, so that it answers at once; content is checked when it is read.
"""

import os
import shlex
from pathlib import Path
from typing import Literal, NamedTuple

from suite.data import known
from suite.data.known import Entry, Part
from suite.spec import schema
from suite.spec.sizes import image_shape, is_image, kind, of_kind

VARIABLE = "WGAN_SUITE_DATA"
DEFAULT = Path(__file__).resolve().parents[2] / "data"
State = Literal["comes with a package", "there", "not prepared", "missing"]


class File(NamedTuple):
    """One file of a data set, and what is wrong with it as far as a look from outside tells."""

    part: Part
    path: Path
    fault: str


class Prepared(NamedTuple):
    """The two files that a large data set is read into."""

    train: Path
    held_out: Path


def root() -> Path:
    """The folder of data: the environment variable WGAN_SUITE_DATA, else ``data`` in the repository."""
    return Path(os.environ.get(VARIABLE) or DEFAULT).expanduser().absolute()


def entries() -> tuple[Entry, ...]:
    """Every data set, and the Inception weights."""
    return known.EVERY


def entry(name: str) -> Entry:
    """The data set of that name; KeyError where there is none."""
    return {one.name: one for one in entries()}[name]


def missing(data: schema.Data) -> str:
    """Empty where the data are there or come with a package, else what is missing and how to get it."""
    if isinstance(data, schema.PackImages):
        return ""  # Its pack has them, or gets them.
    return absent(entry(kind(data))) if is_image(data) or isinstance(data, schema.BillionWord) else ""


def absent(one: Entry) -> str:
    """Empty where the data set can be loaded, else what is missing, where, and how to get it."""
    match state(one):
        case "comes with a package" | "there":
            return ""
        case "not prepared":
            place = prepared(one).train.parent
            return f"{one.title}: the files are there, but not yet prepared in {place}\n    {cure(one)}"
        case "missing":
            faults = [file.fault for file in files(one) if file.fault]
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            places = " or ".join(str(folder) for folder in folders(one))
            return f"{one.title}: {faults[0]}{more} in {places}\n    {cure(one)}"


def state(one: Entry) -> State:
    """How a data set stands here."""
    if not one.parts:
        return "comes with a package"
    if one.prepares and all(path.is_file() for path in prepared(one)):
        return "there"
    if any(file.fault for file in files(one)):
        return "missing"
    return "not prepared" if one.prepares else "there"


def cure(one: Entry) -> str:
    """What is to be done next for a data set that cannot be loaded."""
    return f"prepare it: {command(one, '--prepare')}" if state(one) == "not prepared" else source(one)


def source(one: Entry) -> str:
    """Where a data set comes from, as something to do."""
    if one.downloads:
        return f"get it: {command(one, '--download')}" + (f"\n    {one.hint}" if one.hint else "")
    return one.hint + (f", then: {command(one, '--prepare')}" if one.prepares else "")


def command(one: Entry, step: str) -> str:
    """The command line of one step for a data set."""
    place = [] if root() == DEFAULT else ["--data", str(root())]
    return "uv run run_suite.py " + shlex.join(["data", one.name, step, *place])


def folders(one: Entry) -> tuple[Path, ...]:
    """Where a data set is looked for."""
    return tuple(root() / folder for folder in one.folders)


def files(one: Entry) -> tuple[File, ...]:
    """The files of the first folder that has them all, else those of the first folder."""
    choices = [tuple(_file(part, folder) for part in one.parts) for folder in folders(one)]
    whole = (choice for choice in choices if not any(file.fault for file in choice))
    return next(whole, choices[0] if choices else ())


def prepared(one: Entry) -> Prepared:
    """Where a large data set's pixels lie once they are prepared."""
    shape = "x".join(str(side) for side in image_shape(of_kind(one.name)))
    stem = root() / "prepared" / f"{one.name}-{shape}"
    return Prepared(Path(f"{stem}-train.npy"), Path(f"{stem}-held_out.npy"))


def _file(part: Part, folder: Path) -> File:
    path = folder / part.name
    other = folder / part.also
    if part.also and not path.exists() and other.exists():
        return File(part, other, _fault(other, part.also, 0))
    return File(part, path, _fault(path, part.name, part.size))


def _fault(path: Path, name: str, size: int) -> str:
    if path.is_dir() and not path.suffix:
        return ""
    if not path.is_file():
        return f"no {name}"
    found = path.stat().st_size
    if not found:
        return f"{name} is empty"
    return f"{name} has {found:,} bytes instead of {size:,}" if size not in (0, found) else ""
