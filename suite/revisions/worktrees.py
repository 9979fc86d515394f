"""A revision's code in a git worktree of its own, below the results. None is ever removed."""

from pathlib import Path

from suite.errors import UserError
from suite.revisions.git import Commit, Repository
from suite.revisions.places import CODE, place


def worktree(repository: Repository, commit: Commit, results: Path) -> Path:
    """The folder with the code at a commit, made where it is not there. UserError where somebody has
    changed what is in it.
    """
    folder = place(results, commit).absolute() / CODE
    if folder.exists():
        _require_ours(repository, folder)
    else:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # --force: a worktree that was deleted by hand is still in git's books.
        repository.ask("worktree", "add", "--force", "--detach", str(folder), commit.id)
    _check(Repository(folder), commit)
    return folder


def _require_ours(repository: Repository, folder: Path) -> None:
    """Results may be somebody else's, and what lies there would be run. Git is not asked in there before:
    what it runs is up to that folder.
    """
    known = repository.ask("worktree", "list", "--porcelain").splitlines()
    if f"worktree {folder.resolve()}" not in known or not (folder / ".git").is_file():
        raise UserError(f"{folder}: is no worktree of this checkout\n    remove it, and it is made anew")


def _check(there: Repository, commit: Commit) -> None:
    changes = there.ask("status", "--porcelain", "--untracked-files=no")
    if there.ask("rev-parse", "HEAD").strip() != commit.id or changes:
        cure = f"remove it: git worktree remove --force {there.root}"
        raise UserError(f"{there.root}: is no longer {commit.told}\n    {cure}")
