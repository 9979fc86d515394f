"""``new``: a starting point for an experiment, in a pack."""

import argparse
import re
import shlex
import sys
from pathlib import Path

from suite import places
from suite.errors import UserError
from suite.spec.borrow import experiment_id
from suite.spec.layout import PAPER_FILE, experiment_files
from suite.spec.load import check_file, load_paper
from suite.spec.packs import found, start
from suite.spec.packs.declaration import FILE, read
from suite.store.files import write

LEGAL = re.compile("([a-z0-9]+(?:-[a-z0-9]+)*)/([a-z0-9]+(?:-[a-z0-9]+)*)")
ELSEWHERE = "name a folder that can be written to, with --pack FOLDER"
"""The cure where it cannot write."""
LONGEST = 38
"""Letters of a paper, of which the names of its folder and pack are made, and of an experiment."""


def run(options: argparse.Namespace) -> int:
    """Write the files and say what to do next. UserError where something would be written over."""
    paper, name = named(options.name)
    folder = (options.into or Path(paper.replace("-", "_"))).expanduser().absolute()
    for path in (folder, *folder.parents):
        if path.exists() and not path.is_dir():
            raise UserError(f"{_short(path)}: is a file, and no folder\n    {ELSEWHERE}")
    files = planned(folder, paper, name)
    for path, text in files.items():
        _written(path, text)
        sys.stdout.write(f"wrote {_short(path)}\n")
    found.place([folder])
    check_file(list(files)[-1])
    sys.stdout.write(_next(options.name, folder) + _where(folder))
    return 0


def named(text: str) -> tuple[str, str]:
    """Paper and experiment; UserError for what can be no id."""
    match = LEGAL.fullmatch(text)
    if match is None or max(map(len, match.groups())) > LONGEST:
        raise UserError(
            f"{text!r} can be no experiment's id\n"
            f"    write paper/experiment, each at most {LONGEST} of a-z, digits and single hyphens"
        )
    if f"{match[2]}.yaml" == PAPER_FILE:
        raise UserError(f"{text!r}: {PAPER_FILE} holds the paper's citation\n    choose another name")
    return match[1], match[2]


def planned(folder: Path, paper: str, name: str) -> dict[Path, str]:
    """The files to be written: the whole pack where there is none, and the paper where it has none yet.

    UserError where a name is taken, or a file in the way.
    """
    others = [each for each in found.packs() if each.folder != folder.resolve()]
    roots = [places.EXPERIMENTS, *(each.experiments for each in others)]
    every = (path for root in roots for path in experiment_files(root))
    taken = [path for path in every if experiment_id(path) == f"{paper}/{name}"]
    if taken:
        raise UserError(f"{_short(taken[0])}: is experiment {paper}/{name} already\n    choose another name")
    if not (folder / FILE).exists():
        same = next((each.file for each in others if each.name == paper), None)
        if same is not None:
            raise UserError(f"{same}: is pack {paper!r} already\n    add to it with --pack FOLDER")
        files = start.pack(folder, paper) | start.paper(folder / "experiments", paper)
        return _free(files | start.experiment(folder / "experiments", paper, name, pack=paper))
    place = folder / read(folder).experiments
    cited = place / paper.replace("-", "_") / PAPER_FILE
    files = {} if cited.exists() else start.paper(place, paper)
    id_ = load_paper(cited).id if cited.exists() else ""
    return _free(files | start.experiment(place, paper, name, cites=id_))


def _written(path: Path, text: str) -> None:
    try:
        write(path, text.encode())
    except OSError as error:
        raise UserError(f"{_short(path)}: cannot be written: {error.strerror}\n    {ELSEWHERE}") from None


def _free(files: dict[Path, str]) -> dict[Path, str]:
    for path in files:
        if path.exists():
            raise UserError(f"{_short(path)}: is there already\n    choose another name, or another folder")
    return files


def _next(id_: str, folder: Path) -> str:
    more = f"--pack {shlex.quote(_short(folder))}"
    return (
        f"\nIt runs as it is:\n    {places.COMMAND} run {id_} --scale smoke {more}\n"
        f"Make it yours, and look for mistakes with\n    {places.COMMAND} validate {id_} {more}\n"
    )


def _where(folder: Path) -> str:
    """A word on a pack that lies among the suite's own files."""
    if places.INSTALLED or not folder.is_relative_to(places.HOME):
        return ""
    return (
        f"\n{_short(folder)} lies in the suite's own folder, where git shows it as new.\n"
        "It may lie anywhere: move it to where your work is, or begin with --pack FOLDER.\n"
    )


def _short(path: Path) -> str:
    """From here, where it is below."""
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()
