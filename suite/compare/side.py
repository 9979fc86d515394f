"""One version's results, and the ways to name a version."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from suite.compare.suggestions import meant
from suite.errors import UserError
from suite.places import COMMAND, INSTALLED, KEPT, into
from suite.plain import number_of
from suite.report.evidence import arrays_of
from suite.series import Series
from suite.spec.schema import Scale
from suite.store.inventory import runs_in
from suite.store.record import Code, Record
from suite.store.reference import USUAL, read_reference, releases
from suite.store.seal import SEALS, Problem, read_unsealed
from suite.store.series import series_of
from suite.store.store import Store
from suite.store.version import fingerprint
from suite.store.version_names import PLUS, alone, apart, loaded, versions_in

SeriesOf = Callable[[str], Mapping[str, Series]]
Arrays = Mapping[str, NDArray[np.generic]]
REFERENCE = "reference"
NOW = "now"


class Side(NamedTuple):
    """One version's results."""

    name: str
    """What the user wrote."""
    label: str
    """For people."""
    records: Mapping[str, Record]
    """By run id."""
    series_of: SeriesOf | None = None
    """None where there are no series, as in the committed reference."""
    problems: tuple[Problem, ...] = ()
    """Records that are there and do not count."""
    revision: str = ""
    """The commit, where the name was one's."""
    arrays_of: Callable[[str], Arrays] | None = None
    """What is recorded as arrays, such as a norm by layer; None where ``series_of`` is."""
    others: frozenset[str] = frozenset()
    """Runs at settings that this version does not ask for: see ``suite.compare.own_experiments``."""
    packed: tuple[str, ...] = ()
    """The versions with packs in its folder, as sides: of these a version of this code takes those with the
    packs that are here now."""
    criteria: Mapping[str, str] = {}
    """The hashes of its own criteria, by study and claim; without, its records tell."""
    code_of: Callable[[], Code] | None = None
    """Its commit, and whether there are changes to it, where it is a version of this code: its results may
    have been made at another commit, or before it, of the same code. Without, each record tells.
    """

    def series(self, run_id: str) -> Mapping[str, Series]:
        """The series of a run; none where there are none."""
        return self.series_of(run_id) if self.series_of else {}

    def dated(self, record: Record) -> Record:
        """A record as one of this side's commit."""
        code = self.code_of() if self.code_of else record.code
        if not code.commit:
            return record
        return replace(record, code=replace(record.code, commit=code.commit, patch=code.patch))

    def arrays(self, run_id: str) -> Arrays:
        """The arrays of a run; none where there are none."""
        return self.arrays_of(run_id) if self.arrays_of else {}


class Folder(NamedTuple):
    """The results of every version in one folder."""

    root: Path

    @property
    def stores(self) -> list[Store]:
        """Those of each version that has a run; runs that use packs count with the suite's own version."""
        return [Store(self.root, name, loaded()) for name in alone(self._names)]

    def chosen(self, wanted: str) -> list[Store]:
        """Those whose version begins so; with a plus in it, or by the hash of a pack, packs as they were then
        and nothing else.
        """
        found = [store for store in self.stores if store.fingerprint.startswith(wanted)]
        if PLUS not in wanted and found:
            return found
        return [Store(self.root, name) for name in self._names if _is_of(name, wanted)]

    def told(self) -> str:
        """The versions there are, for people: fingerprint, number of runs, commit."""
        return ", ".join(f"{name} ({_size(self.root, name)})" for name in self._names) or "none"

    @property
    def _names(self) -> list[str]:
        return [name for name in versions_in(self.root) if next(Store(self.root, name).runs.iterdir(), None)]


def _is_of(version: str, wanted: str) -> bool:
    """Whether a version, or one of the packs in it, begins so."""
    packs = apart(version)[1].values()
    return version.startswith(wanted) or any(each.startswith(wanted) for each in packs)


def side(name: str, results: Path, words: Sequence[str] = (), scale: Scale = USUAL) -> Side:
    """The results that a word of the command line names: ``now``, ``reference`` (at a scale), a folder of
    results, or else a revision of git's, whose results lie in ``results``. UserError where there are none,
    with the command that makes them: ``words`` are all of it but that folder.
    """
    if word := re.fullmatch(rf"{REFERENCE}(?:[@:](.*))?", name):
        return _reference(name, word[1] or "", results, scale)
    if name == NOW:
        return _of_code(name, "the code as it is now", fingerprint(), results, words)
    path, _, wanted = name.rpartition("@") if "@" in name and "@{" not in name else (name, "", "")
    if Path(path).is_dir() and not Path(name, ".git").exists():
        return _of_folder(name, Path(path), wanted, words)
    if "/" in path and wanted:
        like = meant(name, results)
        cure = f"did you mean {like}?" if like else "give one that --results named"
        raise UserError(f"{path}: no such folder of results\n    {cure}")
    return _of_revision(name, results, words)


def training(words: Sequence[str], revision: str = "") -> str:
    """The command that trains what ``words`` choose, at a revision where one is named."""
    at = ["--revision", revision] if revision else []
    return f"{COMMAND} {shlex.join(['run', *at, *words])}"


def of_store(name: str, label: str, store: Store, revision: str = "") -> Side:
    """The results of one version in a folder."""
    contents = store.contents()
    series, arrays = partial(series_of, store), partial(arrays_of, store)
    return Side(name, label, contents.records, series, tuple(contents.problems), revision, arrays)


def _of_code(
    name: str,
    label: str,
    code: str,
    results: Path,
    words: Sequence[str],
    revision: str = "",
    *,
    seals: bool = True,
) -> Side:
    found = of_store(name, f"{label} ({code})", Store(results, code, loaded()), revision)
    found = found if seals else without_seals(found)
    if not found.records and not found.problems:
        make = training([*words, *into(results)], name if revision else "")
        there = f"versions there: {Folder(results).told()}"
        raise UserError(
            f"{name}: no results of this version ({code}) in {results}\n    make them with {make}; {there}"
        )
    packed = [f"{results.as_posix()}@{each}" for each in versions_in(results) if PLUS in each]
    code_of = partial(Code, code, revision, "") if revision else partial(_now, results)
    return found._replace(packed=tuple(packed), code_of=code_of)


def _now(results: Path) -> Code:
    from suite.revisions.commits import code_now

    return code_now(results)


def _of_revision(name: str, results: Path, words: Sequence[str]) -> Side:
    from suite.revisions.fingerprints import fingerprint_at
    from suite.revisions.git import here

    try:
        repository = here()
        commit = repository.commit(name)
    except UserError as error:
        raise UserError(_no_side(name, results, str(error))) from None
    code = fingerprint_at(repository, commit, results)
    seals = repository.tree(commit, SEALS)
    label = f"{name}: {commit.told}"
    return _of_code(name, label, code, results, words, commit.id, seals=bool(seals))


def _no_side(name: str, results: Path, error: str) -> str:
    """What to say of a word that is neither a revision nor a folder; ``error`` is why it is no revision."""
    if word := meant(name, results):
        return f"{name!r} is no revision, and no folder of results\n    did you mean {word}?"
    return error if INSTALLED else f"{error}\n    {name!r} is no folder of results either"


def _of_folder(name: str, root: Path, wanted: str, words: Sequence[str]) -> Side:
    if root.parent.name == "runs" and re.fullmatch(r"[0-9a-f]{12}(\+.+)?", root.name):
        root, wanted = root.parent.parent, root.name
    folder = Folder(root)
    every = folder.stores
    found = folder.chosen(wanted)
    if len(found) == 1:
        return of_store(name, f"{root} ({found[0].fingerprint})", found[0])
    if not every:
        raise UserError(f"{root}: no results in there\n    make some with {training([*words, *into(root)])}")
    what = f"no results of version {wanted!r}" if wanted and not found else "results of several versions"
    raise UserError(f"{root}: {what}\n    choose with {root}@VERSION, one of {folder.told()}")


def _reference(name: str, release: str, results: Path, scale: Scale) -> Side:
    found = read_reference(results if releases(results, scale) else KEPT, release, scale)
    label = f"reference of release {found.head.release} ({found.head.fingerprint})"
    return Side(name, label, found.records, problems=found.problems)


def without_seals(found: Side) -> Side:
    """The records of a revision that wrote them without seals, which are then no fault."""
    unsealed = {problem.run: read_unsealed(problem.path) for problem in found.problems}
    records = {name: record for name, record in unsealed.items() if record is not None}
    rest = tuple(problem for problem in found.problems if problem.run not in records)
    note = ", its records without seals" if records else ""
    return found._replace(records={**found.records, **records}, problems=rest, label=f"{found.label}{note}")


def _size(root: Path, version: str) -> str:
    folders = sorted(runs_in(Store(root, version).runs))
    records = (each.record() for each in folders)
    first = next((record for record in records if record is not None), None)
    commit = f", commit {first.code.commit[:10]}" if first is not None and first.code.commit else ""
    return f"{number_of(len(folders), 'run')}{commit}"
