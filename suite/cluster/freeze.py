"""A frozen copy of the code: what is queued runs as it was submitted, whatever is edited since."""

import hashlib
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import msgspec

from suite.cluster.manifest import FOLDER
from suite.places import CLUSTERS, KEPT, PACKAGE, PROGRAM, SHIPPED
from suite.spec.packs.found import COPIED, packs
from suite.spec.packs.sources import files
from suite.store.files import write
from suite.store.version import FROZEN, code, patch

PARTS: Final = {
    "suite": PACKAGE,
    "run_suite.py": PROGRAM,
    "clusters": CLUSTERS,
    # What runs took there plans further looks, and the last job compares with it.
    "results/reference": KEPT / "reference",
}
"""What is copied besides the experiments, by its name in the copy, which is laid out as a checkout is."""
EXPERIMENTS = "experiments"


def freeze(results: Path, experiments: Path) -> Path:
    """The folder of the copy, made where there is none of the same content yet."""
    files = dict(_files(experiments))
    place = results / FOLDER / "code" / _key(files)
    if PACKAGE.is_relative_to(place):
        return place  # It is what runs here.
    own = {"patch.diff": patch(), FROZEN: msgspec.json.encode(code())}
    # Not shutil's, which names the source where there is no room for the copy.
    wanted = {name: path.read_bytes() for name, path in files.items()} | own
    _remove_others(place, wanted)
    for name, content in wanted.items():
        path = place / name
        if not path.is_file() or path.read_bytes() != content:
            write(path, content)
    return place


def _remove_others(place: Path, wanted: Collection[str]) -> None:
    """Results may have come from somebody else, and jobs run whatever lies there: nothing stays that Python
    would find but these files, no link, and nothing that is compiled already.
    """
    for path in [place, *sorted(place.rglob("*"))]:
        is_other = path.is_file() and path.relative_to(place).as_posix() not in wanted
        if path.is_symlink() or (is_other and not path.name.startswith(".")):
            path.unlink(missing_ok=True)
        elif path.name == "__pycache__":
            shutil.rmtree(path, ignore_errors=True)  # Another job may be writing to it.


def _files(experiments: Path) -> Iterator[tuple[str, Path]]:
    """Names in the copy, and where each file is."""
    for part, place in PARTS.items():
        for path in _below(place):
            if not (part == PACKAGE.name and path.is_relative_to(SHIPPED)):
                yield (Path(part) / path.relative_to(place)).as_posix(), path
    # Not whatever lies below: the folder may be one that holds data and results, too.
    for path in sorted(path for path in experiments.glob("[!.]*/[!.]*.yaml") if path.is_file()):
        yield f"{EXPERIMENTS}/{path.relative_to(experiments).as_posix()}", path
    for each in packs():
        for path in files(each):
            yield f"{COPIED.name}/{each.name}/{path.relative_to(each.folder).as_posix()}", path


def _below(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    for path in sorted(place.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
            yield path


def _key(files: dict[str, Path]) -> str:
    """Hash of names and contents, and of the version that the records will name."""
    total = hashlib.sha256(msgspec.json.encode(code()))
    for name, path in files.items():
        total.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]
