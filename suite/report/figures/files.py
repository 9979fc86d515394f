"""The files of figures: which must be drawn, in how many processes, and what came of it."""

import hashlib
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, resource_tracker
from pathlib import Path
from typing import Final, NamedTuple

from suite.cores import cores
from suite.report.evidence import StoredEvidence
from suite.report.figures.aside import SUFFIXES, bring_back
from suite.report.naming import anchor
from suite.spec.packs.noted import note, taken
from suite.spec.schema import Frozen
from suite.store.files import write

WORTH: Final = 12
"""Figures that take longer to draw than one more process to start."""
FORM: Final = "{percentage:3.0f}% |{bar}| {elapsed} gone, about {remaining} left, drawing figures"


class Drawn(Frozen):
    """A figure that was drawn: the hash of what it was made from, and those of its two files."""

    inputs: str
    png: str
    pdf: str


class Figures(NamedTuple):
    """Figures on disk."""

    paths: dict[tuple[str, str], Path]
    """Of the PNG, by study's and figure's name."""
    drawn: dict[str, Drawn]
    """By the PNG's name."""


class Task(NamedTuple):
    """Figures of one study that are to be drawn, by name."""

    evidence: StoredEvidence
    paths: dict[str, Path]


def write_figures(
    evidence: Sequence[StoredEvidence],
    made_from: Sequence[str],
    folder: Path,
    known: Mapping[str, Drawn],
    *,
    shown: bool = False,
) -> Figures:
    """Write every figure as PDF and PNG; ``made_from`` are the studies' inputs. Equal ones give equal
    bytes: of the ``known`` figures only those of which an input or a file has changed are drawn, under a
    bar on stderr where that is to be ``shown``.
    """
    tasks = [Task(each, _paths(each, folder)) for each in evidence]
    bring_back(both(path for task in tasks for path in task.paths.values()))
    changed = (_without(task, of_it, known) for task, of_it in zip(tasks, made_from, strict=True))
    _draw([task for task in changed if task.paths], shown)
    paths = {(task.evidence.study.name, name): path for task in tasks for name, path in task.paths.items()}
    found = [
        (path.name, look(path, of_it))
        for task, of_it in zip(tasks, made_from, strict=True)
        for path in task.paths.values()
    ]
    return Figures(paths, {name: each for name, each in found if each is not None})


def both(pictures: Iterable[Path]) -> list[Path]:
    """The two files of each picture."""
    return [path.with_suffix(suffix) for path in pictures for suffix in SUFFIXES]


def look(path: Path, made_from: str) -> Drawn | None:
    """What a figure's files are now; None where one is missing."""
    try:
        png, pdf = (each.read_bytes() for each in both([path]))
    except OSError:
        return None
    return Drawn(inputs=made_from, png=hashlib.sha256(png).hexdigest(), pdf=hashlib.sha256(pdf).hexdigest())


def _paths(evidence: StoredEvidence, folder: Path) -> dict[str, Path]:
    study = evidence.study
    names = study.experiment.figures
    return {name: folder / f"{anchor(study.name, study.scale, name)}.png" for name in names}


def _without(task: Task, made_from: str, known: Mapping[str, Drawn]) -> Task:
    """Without the figures that are as they would be drawn."""
    stand = [
        name
        for name, path in task.paths.items()
        if path.name in known and known[path.name] == look(path, made_from)
    ]
    return Task(task.evidence, {name: path for name, path in task.paths.items() if name not in stand})


def _draw(tasks: Sequence[Task], shown: bool) -> None:
    """Draw and write figures, the longest tasks first."""
    if not tasks:
        return
    from suite.progress import progress  # It loads what is not needed where all figures stand.

    tasks = sorted(tasks, key=lambda task: -len(task.paths))
    total = sum(len(task.paths) for task in tasks)
    with progress(total, FORM, shown) as bar:
        for task in _drawn(tasks, min(cores(), total // WORTH)):
            bar.update(len(task.paths))


def _drawn(tasks: Sequence[Task], hands: int) -> Iterator[Task]:
    """Each task when it is done; by several processes where these are worth their start."""
    if hands < 2:
        for task in tasks:
            perform(task)
            yield task
        return
    with ProcessPoolExecutor(hands, get_context("spawn")) as pool:
        with _deaf():
            drawing = pool.map(_elsewhere, tasks)
        for task, faults in zip(tasks, drawing, strict=True):
            for about, text in faults.items():
                note(about, text)
            yield task


def _elsewhere(task: Task) -> Mapping[str, str]:
    """``perform`` in a process of its own, and what the other is to tell of it."""
    perform(task)
    return taken()


def perform(task: Task) -> None:
    """Draw figures of a study, and write them."""
    from suite.report.figures.saved import saved  # With matplotlib, which figures that stand do not need.

    for name, path in task.paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = saved(task.evidence, task.evidence.study.experiment.figures[name])
        write(path, made.png)
        write(path.with_suffix(".pdf"), made.pdf)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes that are started within leave Ctrl-C to this one, which then ends them."""
    resource_tracker.ensure_running()  # It would unblock it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
