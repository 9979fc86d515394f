"""A revision that can be run: its commit, its code, the Python for it, and where its results lie."""

import json
from pathlib import Path
from typing import NamedTuple

from suite.data.catalogue import VARIABLE, root
from suite.revisions.environments import Choice, interpreter, variables
from suite.revisions.fingerprints import fingerprint_at
from suite.revisions.git import Commit, Repository
from suite.revisions.places import packages
from suite.revisions.processes import Answer, listen, stream
from suite.revisions.worktrees import worktree
from suite.store.store import Store
from suite.store.version_names import loaded

SCRIPT = "run_suite.py"


class Revision(NamedTuple):
    """A commit that can be run: its worktree, and the Python that has its packages."""

    commit: Commit
    code: Path
    python: Path
    environment: Choice
    store: Store
    """The results of this version of the code, in the same folder as everybody's."""

    def run(self, *words: str) -> int:
        """A command of that revision's own, on the same results and data; returns its exit status."""
        return stream(self._command(*words), self.code, self._variables()).status

    def listen(self, *words: str) -> Answer:
        """The same; keeps what it prints."""
        return listen(self._command(*words), self.code, self._variables())

    def asked(self, *words: str) -> dict[str, object]:
        """What a command of that revision prints as JSON; nothing where it cannot be read."""
        return decoded(self.listen(*words, "--json").out)

    def _command(self, *words: str) -> list[str]:
        results = str(self.store.root.absolute())
        return [str(self.python), str(self.code / SCRIPT), *words, "--results", results]

    def _variables(self) -> dict[str, str]:
        return {**variables(self.code, self.environment), VARIABLE: str(root())}


def prepared(repository: Repository, commit: Commit, results: Path, choice: Choice) -> Revision:
    """Get a commit ready to be run: its worktree, its environment. UserError where that fails."""
    code = worktree(repository, commit, results)
    store = Store(results, fingerprint_at(repository, commit, results), loaded())
    python = interpreter(code, packages(results, repository, commit), choice)
    return Revision(commit, code, python, choice, store)


def decoded(out: bytes) -> dict[str, object]:
    """What a command printed as JSON; nothing where it cannot be read."""
    try:
        found = json.loads(out)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def asked_for(plan: dict[str, object]) -> dict[str, bool]:
    """The ids of the runs in the answer of ``plan --json``, and whether they are missing."""
    studies = plan.get("studies")
    rows = [run for study in studies for run in study["runs"]] if isinstance(studies, list) else []
    return {str(row["id"]): bool(row["missing"]) for row in rows}
