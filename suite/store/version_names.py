"""The version of a run: that of the suite's code and, behind a plus, of each pack that the run uses.

``0123456789ab`` is the suite's alone, ``0123456789ab+spectral-normalization.ba9876543210`` that of a run
with something of a pack in it. What a pack is now decides nothing for runs that do not use it: they keep
their version, and their records, whether or not it is loaded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from suite.errors import UserError
from suite.spec.packs.found import pack, packs
from suite.spec.runs import Run
from suite.store.packs import content
from suite.store.record import Code
from suite.store.version import code, fingerprint

PLUS = "+"


def code_of(runs: Iterable[Run]) -> Code:
    """The code that trains runs here, with every pack that one of them uses."""
    names = sorted({name for run in runs for name in run.packs})
    version = joined(fingerprint(), {name: _content(name) for name in names})
    return msgspec.structs.replace(code(), fingerprint=version)


def loaded() -> tuple[tuple[str, str], ...]:
    """Name and content of each pack that is here."""
    return tuple((each.name, content(each)) for each in packs())


def joined(suite: str, used: Mapping[str, str]) -> str:
    """The version of the suite's code with packs, by name and content."""
    return PLUS.join([suite, *(f"{name}.{used[name]}" for name in sorted(used))])


def apart(version: str) -> tuple[str, dict[str, str]]:
    """The version of the suite's code, and the content of each pack."""
    suite, *used = version.split(PLUS)
    return suite, dict(each.rpartition(".")[::2] for each in used)


def packs_in(run_id: str) -> tuple[str, ...]:
    """The packs that a run uses, by its id."""
    return tuple(run_id.split(PLUS)[1:])


def versions_in(results: Path) -> list[str]:
    """The versions that have a folder in a folder of results, by name."""
    runs = results / "runs"
    return sorted(path.name for path in runs.iterdir() if path.is_dir()) if runs.is_dir() else []


def alone(versions: Sequence[str]) -> list[str]:
    """Without those with packs whose runs count with the suite's own version."""
    return [each for each in versions if apart(each)[0] not in {*versions} - {each}]


def counted(runs: Path, suite: str, known: Mapping[str, str]) -> Iterator[str]:
    """The versions in a folder of results whose records count beside those of the suite's alone: with each
    known pack as it is now. Of one that is not known here, what was written last.
    """
    latest: dict[tuple[str, ...], Path] = {}
    for path in runs.glob(f"{suite}{PLUS}*"):
        used = apart(path.name)[1]
        if all(known.get(name, of_it) == of_it for name, of_it in used.items()) and path.is_dir():
            names = tuple(used)
            latest[names] = max(latest.get(names, path), path, key=_age)
    yield from sorted(path.name for path in latest.values())


def _age(path: Path) -> tuple[float, str]:
    return path.stat().st_mtime, path.name


def _content(name: str) -> str:
    found = pack(name)
    if found is None:
        raise UserError(f"pack {name!r} is not here\n    name its folder with --pack FOLDER, or install it")
    return content(found)
