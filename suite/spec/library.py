"""The experiment files of a folder, by id and tag."""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

from suite.errors import UserError
from suite.folders import real
from suite.spec.borrow import experiment_id
from suite.spec.layout import PAPER_FILE, experiment_files
from suite.spec.load import load_paper, load_tags
from suite.spec.packs.nearby import pack_with
from suite.spec.places import nearest


def find(root: Path, more: Iterable[Path] = ()) -> tuple[Path, ...]:
    """Every ``<root>/<folder>/<name>.yaml`` but the papers, by name, then those of ``more`` folders, which
    packs bring; UserError where there is none, or two are of one id.
    """
    roots = (root, *(folder for folder in more if real(folder) != real(root)))
    paths = tuple(path for each in roots for path in experiment_files(each))
    if not paths:
        raise UserError(f"{root.as_posix()}: no experiments\n    they are at <folder>/<name>.yaml in there")
    for id_, count in Counter(map(experiment_id, paths)).items():
        if count > 1:
            same = ", ".join(path.as_posix() for path in paths if experiment_id(path) == id_)
            raise UserError(f"{same}: both are experiment {id_!r}\n    rename one")
    return paths


def misplaced(root: Path) -> Iterator[str]:
    """Files of YAML in a folder of experiments, or below it, that nothing reads, each as lines for people."""
    for path in sorted(path for path in root.rglob("*") if path.suffix.lower() in (".yaml", ".yml")):
        inside = path.relative_to(root).parts
        if any(part.startswith(".") for part in inside) or (len(inside) == 2 and path.suffix == ".yaml"):
            continue
        folder = path.parent.name if len(inside) > 1 else "PAPER"
        cure = f"move it to {(root / folder / path.stem).as_posix()}.yaml, beside its {PAPER_FILE}"
        yield f"{path.as_posix()}: is not read: experiments are at <folder>/<name>.yaml\n    {cure}"


def select(
    root: Path, patterns: Iterable[str] = (), tags: Iterable[str] = (), more: Iterable[Path] = ()
) -> tuple[Path, ...]:
    """The files whose id matches one of the patterns and that have all the tags; all without either.

    A pattern is an id, its part after the slash, or either with ``*`` and ``?``; ``_`` stands for ``-``, too.
    UserError for a pattern or tag that matches nothing.
    """
    paths = find(root, more)
    patterns, tags = tuple(patterns), frozenset(tags)
    for pattern in patterns:
        if not any(_matches(path, pattern) for path in paths):
            raise UserError(_no_match(pattern, paths))
    chosen = [path for path in paths if not patterns or any(_matches(path, pattern) for pattern in patterns)]
    return _tagged(chosen, tags) if tags else tuple(chosen)


def _matches(path: Path, pattern: str) -> bool:
    return _matches_id(experiment_id(path), pattern)


def _matches_id(id_: str, pattern: str) -> bool:
    pattern = pattern.replace("_", "-")  # Files have the one, ids the other.
    return fnmatchcase(id_, pattern) or fnmatchcase(id_.split("/")[-1], pattern)


def _no_match(pattern: str, paths: Sequence[Path]) -> str:
    """What is meant instead, or all there is."""
    ids, papers = [experiment_id(path) for path in paths], dict(_papers(paths))
    names = papers | {id_.split("/")[-1]: id_ for id_ in ids} | {id_: id_ for id_ in ids}
    pack, near = pack_with(lambda path: _matches(path, pattern)), nearest(pattern.replace("_", "-"), names)
    if pack is not None:
        cure = f"it is of a pack: add --pack {shlex.quote(pack.as_posix())}"
    elif wide := _wider(pattern, ids):
        cure = f"did you mean {wide!r}?"
    elif near:
        cure = f"did you mean {names[near]!r}?"
    else:
        cure = f"experiments: {', '.join(ids)}; one of a pack needs --pack FOLDER"
    return f"no experiment matches {pattern!r}\n    {cure}"


def _papers(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """The patterns for all experiments of a paper, by the paper's id."""
    for folder in dict.fromkeys(path.parent for path in paths):
        with suppress(UserError):
            yield load_paper(folder / PAPER_FILE).id, f"{experiment_id(folder / PAPER_FILE).split('/')[0]}/*"


def _wider(pattern: str, ids: list[str]) -> str:
    """The pattern for all experiments of a paper, where its folder was named; the same in small letters."""
    small = pattern.casefold()
    for meant in (small, f"{small.rstrip('/')}/*"):
        if any(_matches_id(id_, meant) for id_ in ids):
            return meant
    return ""


def _tagged(paths: Iterable[Path], tags: frozenset[str]) -> tuple[Path, ...]:
    tags_of = {path: load_tags(path) for path in paths}
    chosen = tuple(path for path, own in tags_of.items() if tags <= own)
    if not chosen:
        known = ", ".join(sorted(frozenset[str]().union(*tags_of.values()))) or "none"
        raise UserError(f"no experiment has the tags {', '.join(sorted(tags))}\n    tags there are: {known}")
    return chosen
