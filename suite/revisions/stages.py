"""A history in stages: commits of which none can change a result of the one before."""

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from suite.errors import UserError
from suite.revisions.fingerprints import below, fingerprint_at, meanings
from suite.revisions.git import Commit, Repository
from suite.spec.borrow import experiment_id
from suite.spec.identity import canonical_json, digest

EXPERIMENTS = "experiments"
READS_FILES = ("suite/spec", "suite/study.py")
"""What makes runs of experiment files. It is not in the fingerprint, since it shows in the runs' ids."""
JUDGES = ("suite/judge",)
"""What makes verdicts of records."""


class Stage(NamedTuple):
    """Commits one after another that give the same result for an experiment."""

    key: str
    """Agrees for stages of equal results, also where there are others between them."""
    commits: tuple[Commit, ...]

    @property
    def first(self) -> Commit:
        """The commit that may have changed the result, and the one that is tried."""
        return self.commits[0]

    @property
    def last(self) -> Commit:
        """The commit before the next stage."""
        return self.commits[-1]


def stages(
    repository: Repository, commits: Sequence[Commit], experiment: str, results: Path, own: bool
) -> list[Stage]:
    """The stages of a history for one experiment; with ``own``, each judged by its own criteria."""
    keys = {commit: _key(repository, commit, experiment, results, own) for commit in commits}
    return [Stage(key, tuple(group)) for key, group in itertools.groupby(commits, key=lambda c: keys[c])]


def _key(repository: Repository, commit: Commit, experiment: str, results: Path, own: bool) -> str:
    try:
        return _of_content(repository, commit, experiment, results, own)
    except UserError:
        # Of its own, so that it is tried, and skipped where it cannot be run: one of many is no obstacle.
        return commit.id


def _of_content(repository: Repository, commit: Commit, experiment: str, results: Path, own: bool) -> str:
    tree = repository.tree(commit, "suite", EXPERIMENTS)
    code = [path for name in (*READS_FILES, *(JUDGES if own else ())) for path in below(name, tree)]
    there = [path for path in code if path in tree]
    parts = {
        "fingerprint": fingerprint_at(repository, commit, results),
        "files": {path: tree[path] for path in _files(repository, tree, experiment)},
        "code": dict(zip(there, meanings(repository, [(path, tree[path]) for path in there]), strict=True)),
    }
    return digest(canonical_json(parts))


def _files(repository: Repository, tree: Mapping[str, str], experiment: str) -> list[str]:
    """The files of an experiment: its own, and those of experiments that are named in there, from which
    it may borrow.
    """
    files = [path for path in tree if path.startswith(EXPERIMENTS) and path.endswith(".yaml")]
    by_id = {experiment_id(Path(path)): path for path in files}
    found: set[str] = set()
    open_ = [experiment]
    while open_:
        path = by_id.get(open_.pop())
        if path is not None and path not in found:
            (text,) = repository.contents([tree[path]]).values()
            found.add(path)
            open_ += [id_ for id_ in by_id if id_.encode() in text]
    return sorted(found)
