"""From what a command's words choose to studies."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from suite import places
from suite.commands.selection import Selection
from suite.commands.study_cache import Shelf
from suite.errors import UserError
from suite.spec.library import find, select
from suite.spec.load import load
from suite.spec.overrides import Variant, parse_overrides, variants
from suite.spec.packs.faults import pack_faults
from suite.spec.packs.found import experiment_folders, pack
from suite.spec.schema import Experiment
from suite.spec.uses import packs_used
from suite.store.nearby import require_results
from suite.store.store import Store
from suite.store.version import fingerprint
from suite.store.version_names import loaded, packs_in
from suite.study import Study

MOST = 5000
"""Studies of a command. Each takes some 30 kB and 25 ms to be read."""


def studies(selection: Selection, *, reading: bool = False) -> tuple[Study, ...]:
    """The studies that are selected: files, and a variant for each override. A command that
    only reads what was trained does without the packs that files use; for others these must be whole.
    """
    patterns, _ = split(selection.what)
    paths = select(selection.experiments, patterns, selection.tags, experiment_folders())
    chosen, shelf = variants_of(selection), Shelf(selection.experiments, selection.scale, reads=reading)
    if len(paths) * len(chosen) > MOST:
        raise UserError(
            f"{len(paths)} experiments in {len(chosen):,} variants each: more than {MOST:,} in all\n"
            "    name fewer experiments, or give fewer values"
        )
    found = tuple(
        Study(shelf.paper(path), _experiment(shelf, path, variant), selection.scale, variant.overrides, path)
        for path in paths
        for variant in chosen
    )
    shelf.keep()
    if not reading:
        _require_whole_packs(found)
    return found


def _require_whole_packs(studies: Iterable[Study]) -> None:
    """UserError where a pack that is used does not have what it declares: nothing is trained for naught."""
    used = dict.fromkeys(name for study in studies for name in packs_used(study.experiment))
    if faults := [fault for name in used if (found := pack(name)) for fault in pack_faults(found)]:
        raise UserError("\n".join(faults))


def _experiment(shelf: Shelf, path: Path, variant: Variant) -> Experiment:
    if variant.text:
        return load(path, shelf.scale, variant, reading=shelf.reads)
    return shelf.experiment(path)


def variants_of(selection: Selection) -> tuple[Variant, ...]:
    """What overrides ask for; one without overrides where there are none."""
    return variants(parse_overrides(split(selection.what)[1]))


def others(selection: Selection, chosen: Sequence[Study]) -> tuple[Study, ...]:
    """The studies of the same folder and scale that were not chosen; files with mistakes left out."""
    found, shelf = [], Shelf(selection.experiments, selection.scale, reads=False)
    paths = {study.path for study in chosen}
    for path in (path for path in find(selection.experiments, experiment_folders()) if path not in paths):
        with suppress(UserError):
            found.append(Study(shelf.paper(path), shelf.experiment(path), selection.scale, (), path))
    shelf.keep()
    return tuple(found)


def split(words: Iterable[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Patterns, and overrides, which have an equals sign. UserError for one with blanks around it."""
    words = tuple(words)
    for number, word in enumerate(words):
        before = words[number - 1 : number] if word.startswith("=") else ()
        after = words[number + 1 : number + 2] if word.endswith("=") else ()
        if before or after:
            apart = [*before, word, *after]
            raise UserError(f"{' '.join(apart)!r}: blanks around =\n    did you mean {''.join(apart)}?")
    return [w for w in words if "=" not in w], [w for w in words if "=" in w]


def store(selection: Selection, *, reading: bool = False) -> Store:
    """The results of the code as it is now. UserError where a command only reads, and there are none."""
    if reading:
        require_results(selection.results)
    return Store(selection.results, fingerprint(), loaded())


def without_packs(studies: Iterable[Study], runs: Iterable[str] = ()) -> str:
    """Which packs experiments use that are not here, and what that means, as lines; empty where all are. Also
    those of ``runs``, by their ids, whose experiments are not among these.
    """
    figures = "its figures are left out, its metrics are as the runs recorded them"
    used = {name: figures for study in studies for name in packs_used(study.experiment)}
    others = dict.fromkeys((name for run in runs for name in packs_in(run)), "its experiments are left out")
    return "".join(
        f"pack {name!r} is not here: {what}\n    name its folder with --pack FOLDER, or install it\n"
        for name, what in (others | used).items()
        if pack(name) is None
    )


def not_run(studies: Iterable[Study]) -> str:
    """What keeps studies from being run, and the cure, as lines; empty where nothing does."""
    told = (f"not run  {study.name}: {study.not_run}\n" for study in studies if study.not_run)
    return places.with_program_name("".join(told))
