"""The packs there are: folders that the user named, and installed packages.

Nothing else is ever a pack: no folder of results, and nothing that lies beside an experiment.
"""

import importlib.util
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from suite.errors import UserError
from suite.folders import real
from suite.places import PACKAGE
from suite.spec.packs.clashes import clashes
from suite.spec.packs.declaration import FILE, Declaration, read

VARIABLE: Final = "WGAN_SUITE_PACKS"
"""Folders, as in PATH: how workers and jobs know of those that a command was given."""
GROUP: Final = "wgan_suite.packs"
"""Entry points: a name, and the package with the ``pack.yaml``."""
COPIED: Final = PACKAGE.parent / "frozen_packs"
"""In a copy of the code that jobs of a cluster run from: the packs as they were at the launch."""


@dataclass(frozen=True, eq=False)
class Pack:
    """A pack that is here; of each there is one value."""

    folder: Path
    declaration: Declaration
    is_installed: bool = False
    """As a package, so that no command has to name it."""

    @property
    def name(self) -> str:
        """As experiment files have it."""
        return self.declaration.pack

    @property
    def file(self) -> str:
        """Its declaration, for messages."""
        return (self.folder / FILE).as_posix()

    @property
    def experiments(self) -> Path:
        """The folder of its experiments."""
        return self.folder / self.declaration.experiments


def packs() -> tuple[Pack, ...]:
    """Every pack here, by name. UserError where two cannot be told apart, or one has mistakes."""
    return _packs(os.environ.get(VARIABLE, ""))


def pack(name: str) -> Pack | None:
    """The pack of that name; None where it is not here."""
    return next((each for each in packs() if each.name == name), None)


def experiment_folders() -> tuple[Path, ...]:
    """The folders of experiments that packs bring."""
    return tuple(each.experiments for each in packs() if each.experiments.is_dir())


def place(folders: Iterable[Path]) -> None:
    """Name folders of packs for this process and those it starts. UserError for one that is none."""
    named = [real(folder) for folder in folders]
    for folder in named:
        if os.pathsep in str(folder):
            raise UserError(f"{folder.as_posix()}: the path of a pack cannot have {os.pathsep!r} in it")
    before = [path for path in os.environ.get(VARIABLE, "").split(os.pathsep) if path]
    if named:
        os.environ[VARIABLE] = os.pathsep.join(dict.fromkeys([*before, *map(str, named)]))


@cache
def _packs(variable: str) -> tuple[Pack, ...]:
    # A job knows the packs it was submitted with, whatever is installed or set where it runs.
    is_copy = COPIED.is_dir()
    named, installed = (_copied(), []) if is_copy else ([*_given(variable)], [*_installed()])
    found = [Pack(each, read(each), each in installed) for each in dict.fromkeys([*named, *installed])]
    clashes([(each.file, each.declaration) for each in found])
    return tuple(sorted(found, key=lambda each: each.name))


def _copied() -> list[Path]:
    return sorted(path for path in COPIED.iterdir() if path.is_dir())


def _given(variable: str) -> Iterator[Path]:
    yield from (real(Path(path)) for path in variable.split(os.pathsep) if path)


def _installed() -> Iterator[Path]:
    yield from map(_folder, entry_points(group=GROUP))


def _folder(entry: EntryPoint) -> Path:
    """The folder of an installed package, which is not imported for it."""
    package = entry.value.partition(":")[0]
    spec = importlib.util.find_spec(package.partition(".")[0])
    place = next(iter(spec.submodule_search_locations or ()), None) if spec is not None else None
    if place is None:
        raise UserError(
            f"installed pack {entry.name!r}: there is no package {package!r}\n"
            f"    its entry point in {GROUP} must name a package; install it again, or uninstall it"
        )
    return Path(place, *package.split(".")[1:]).resolve()
