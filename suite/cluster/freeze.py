"""A frozen copy of the code: what is queued runs as it was submitted, whatever is edited since."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from suite.cluster.manifest import FOLDER
from suite.spec.packs.found import COPIED, packs
from suite.store.files import write
from suite.store.packs import files
from suite.store.version import FROZEN, ROOT, code, patch

PARTS = ("suite", "run_suite.py", "clusters")
EXPERIMENTS = "experiments"


def freeze(results: Path, experiments: Path) -> Path:
    """The folder of the copy, made where there is none of the same content yet."""
    files = dict(_files(experiments))
    place = results / FOLDER / "code" / _key(files)
    if not (place / FROZEN).exists():
        for name, path in files.items():
            target = place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        write(place / "patch.diff", patch().encode())
        # Last: a copy that has it is whole.
        write(place / FROZEN, msgspec.json.encode(code()))
    return place


def _files(experiments: Path) -> Iterator[tuple[str, Path]]:
    """Names in the copy, and where each file is."""
    for part in PARTS:
        for path in _below(ROOT / part):
            yield path.relative_to(ROOT).as_posix(), path
    for each in packs():
        for path in files(each):
            yield f"{COPIED.name}/{each.name}/{path.relative_to(each.folder).as_posix()}", path
    for path in _below(experiments):
        yield f"{EXPERIMENTS}/{path.relative_to(experiments).as_posix()}", path


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
