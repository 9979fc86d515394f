"""The Python files of a pack, as they were when this process first read them: what is hashed is what runs.

Neither an edit while runs are trained nor old bytecode can come between the two.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final

from suite.errors import UserError
from suite.folders import real
from suite.spec.packs.found import Pack

APART: Final = frozenset({"__pycache__", "results", "build", "dist"})
"""Folders of a pack that are no part of it: what Python, this suite and packaging make."""


def files(pack: Pack) -> Iterator[Path]:
    """Every file of a pack, by name, but for what is hidden, made by a program, or an editor's copy."""
    for path in sorted(pack.folder.rglob("*")):
        inside = path.relative_to(pack.folder)
        is_made = _is_apart(inside.parent) or path.name.endswith(("~", ".orig"))
        if path.is_file() and not is_made and not any(part.startswith(".") for part in inside.parts):
            yield path


def require_outside(folders: Iterable[Path], results: Path | None) -> None:
    """UserError where results would lie among the files of a pack, and change its version."""
    place = None if results is None else real(results)
    for folder in map(real, folders):
        if place is not None and place.is_relative_to(folder) and not _is_apart(place.relative_to(folder)):
            raise UserError(
                f"--results {place.as_posix()}: in the pack {folder.as_posix()}, of which every file counts\n"
                f"    name a folder outside, or {(folder / 'results').as_posix()}, which does not count"
            )


def _is_apart(inside: Path) -> bool:
    return bool(APART.intersection(inside.parts))


@cache
def sources(pack: Pack) -> Mapping[str, bytes]:
    """The content of each Python file, by its path below the folder."""
    found = (path for path in files(pack) if path.suffix == ".py")
    return {path.relative_to(pack.folder).as_posix(): path.read_bytes() for path in found}


def package_of(pack: Pack, name: str) -> None:
    """Let modules below the package ``name`` be the pack's."""
    if name not in sys.modules:
        root = ModuleType(name)
        root.__path__ = [str(pack.folder)]
        sys.modules[name] = root
        sys.meta_path.insert(0, _Finder(pack, name))


class _Finder(MetaPathFinder):
    """Finds a pack's modules among its sources. Others, such as compiled ones, are Python's to find."""

    def __init__(self, pack: Pack, package: str) -> None:
        self._pack, self._prefix = pack, f"{package}."

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(self._prefix):
            return None
        known = sources(self._pack)
        stem = fullname.removeprefix(self._prefix).replace(".", "/")
        name = next((each for each in (f"{stem}/__init__.py", f"{stem}.py") if each in known), None)
        if name is None:
            return None
        loader = _Loader(self._pack.folder / name, known[name])
        inside = [str(loader.path.parent)] if name.endswith("/__init__.py") else None
        return spec_from_file_location(
            fullname, loader.path, loader=loader, submodule_search_locations=inside
        )


class _Loader(SourceLoader):
    """Compiles what was read. Without the times of a file there is no bytecode, neither read nor written."""

    def __init__(self, path: Path, source: bytes) -> None:
        self.path, self._source = path, source

    def get_filename(self, fullname: str) -> str:
        return str(self.path)

    def get_data(self, path: str) -> bytes:
        return self._source
