"""What git knows about the revisions of this checkout. Nothing here changes the checkout."""

import io
import re
import subprocess
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from suite.errors import UserError
from suite.git import called
from suite.places import INSTALLED
from suite.spec.places import nearest
from suite.store.version import AFFECTS_RESULTS, ROOT

EVER_AFFECTED = (*AFFECTS_RESULTS, "suite/spec/schema.py")
"""The files that can affect a result, also by the names that they had in older revisions."""
FORMAT = "--format=%H%x00%aI%x00%s"
"""Of a commit, in one line."""


class Commit(NamedTuple):
    """A commit, as people need it."""

    id: str
    """All its hexadecimal digits."""
    date: str
    """The author's, ISO 8601."""
    subject: str

    @property
    def short(self) -> str:
        """Enough of its digits for people."""
        return self.id[:10]

    @property
    def told(self) -> str:
        """The commit in a few words."""
        return f"{self.short} ({self.subject})"


class Edit(NamedTuple):
    """A file that a commit changes."""

    path: str
    before: str
    """The hash of its content; empty where it was not there."""
    after: str


class Repository(NamedTuple):
    """A git checkout. Every method raises UserError where git is missing or has no answer."""

    root: Path

    def commit(self, revision: str) -> Commit:
        """The commit that a branch, a tag, a hash or ``HEAD~3`` names."""
        self._require()
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        found = self._call(*words)
        if found.returncode:
            raise UserError(f"no revision {revision!r} in {self.root}\n    {self._cure(revision)}")
        return self._commits("log", "-1", found.stdout.decode().strip())[0]

    def names(self) -> list[str]:
        """Its branches and tags."""
        found = self.ask("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags")
        return ["HEAD", *found.splitlines()]

    def edits(self, first: Commit, last: Commit, paths: Sequence[str]) -> dict[Commit, list[Edit]]:
        """The commits that one of two has in its history and the other has not, oldest first, of those only
        that change one of ``paths``; and what they change there, of merges nothing.
        """
        words = ("--reverse", "--raw", "--no-abbrev", "--no-renames", f"{first.id}...{last.id}", "--", *paths)
        found: dict[Commit, list[Edit]] = {}
        for line in self.ask("log", FORMAT, *words).split("\n"):
            if line.startswith(":"):
                found[next(reversed(found))].append(_edit(line))
            elif line:
                found[Commit(*line.split("\0", 2))] = []
        return found

    def chain(self, first: Commit, last: Commit) -> list[Commit]:
        """From one commit, itself included, to a descendant, along first parents: a merge counts as one."""
        if self._call("merge-base", "--is-ancestor", first.id, last.id).returncode:
            what = f"{first.told} is no ancestor of {last.told}"
            raise UserError(f"{what}\n    {self._shallow() or 'give the older revision first'}")
        after = self._commits("log", "--reverse", "--first-parent", f"{first.id}..{last.id}")
        return [first, *after]

    def tree(self, commit: Commit, *paths: str) -> dict[str, str]:
        """The files at a commit below some paths, and the hash of each one's content."""
        lines = self.ask("ls-tree", "-r", "-z", "--full-tree", commit.id, "--", *paths).split("\0")
        entries = (line.partition("\t") for line in lines if line)
        return {path: head.split()[2] for head, _, path in entries}

    def contents(self, hashes: Iterable[str]) -> dict[str, bytes]:
        """Contents by their hashes."""
        wanted = list(dict.fromkeys(hashes))
        if not wanted:
            return {}
        answer = self._call("cat-file", "--batch", text="".join(f"{each}\n" for each in wanted).encode())
        found = list(_batch(answer.stdout))
        if answer.returncode or len(found) < len(wanted):
            told = answer.stderr.decode(errors="replace").strip().splitlines() or ["it is not there"]
            raise UserError(
                f"git has no content of a file in {self.root}: {told[-1]}\n"
                "    a partial clone needs its network for that; clone it without --filter"
            )
        return dict(zip(wanted, found, strict=True))

    def extract(self, commit: Commit, folder: Path, *paths: str) -> None:
        """Write the files of a commit into a folder."""
        found = self._call("archive", "--format=tar", commit.id, "--", *paths)
        if found.returncode:
            raise UserError(f"{commit.told} has no {' or '.join(paths)}\n    it is too old for this")
        try:
            with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
                archive.extractall(folder, filter="data")
        except tarfile.TarError as error:
            raise UserError(f"{commit.told}: {error}\n    its files cannot be taken out of git") from None

    def difference(self, first: Commit, last: Commit, paths: Sequence[str]) -> str:
        """How many lines changed in which of the files, as git prints it; empty where none did."""
        return self.ask("diff", "--stat=100", first.id, last.id, "--", *paths).rstrip()

    def ask(self, *words: str) -> str:
        """What git prints."""
        self._require()
        found = self._call(*words)
        if found.returncode:
            told = found.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise UserError(f"git {words[0]} failed in {self.root}\n    {told[-1]}")
        return found.stdout.decode(errors="replace")

    def _commits(self, *words: str) -> list[Commit]:
        # Not splitlines, for which a subject may hold further ends of lines.
        lines = self.ask(words[0], FORMAT, *words[1:]).split("\n")
        return [Commit(*line.split("\0", 2)) for line in lines if line]

    def _require(self) -> None:
        """That this is a checkout of its own, not a folder in another project's."""
        top = self._call("rev-parse", "--show-toplevel")
        if top.returncode or Path(top.stdout.decode().strip()).resolve() != self.root.resolve():
            raise UserError(f"{self.root}: no git checkout\n    revisions can be named only in a git clone")

    def _cure(self, revision: str) -> str:
        if meant := nearest_revision(self, revision):
            return f"did you mean {meant!r}?"
        return self._shallow() or "`git log --oneline` and `git tag` list those there are"

    def _shallow(self) -> str:
        """What to do where only the newest part of the history is here; empty where all is."""
        answer = self._call("rev-parse", "--is-shallow-repository").stdout.strip()
        return "this clone is shallow: get the rest with git fetch --unshallow" if answer == b"true" else ""

    def _call(self, *words: str, text: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        try:
            return called(self.root, *words, text=text)
        except FileNotFoundError:
            raise UserError(
                "git: no such program\n    install it: revisions are read from its history"
            ) from None


def here() -> Repository:
    """The checkout that this code is in. UserError where there is none: it was installed."""
    if INSTALLED:
        raise UserError(
            "an installed suite has no revisions\n    clone its repository, and compare them there"
        )
    return Repository(ROOT)


def nearest_revision(repository: Repository, revision: str) -> str:
    """The branch or tag most like one that is not there, with what was typed behind it, such as ``~3``;
    empty where none is.
    """
    base, mark, rest = re.fullmatch(r"(?s)([^~^]*)([~^]?)(.*)", revision).groups()  # type: ignore[union-attr]
    found = nearest(base, [name for name in repository.names() if name != base])
    return f"{found}{mark}{rest}" if found else ""


def _edit(line: str) -> Edit:
    """Of a line of ``git log --raw``."""
    head, _, path = line.partition("\t")
    _, _, before, after, _ = head.split()
    return Edit(path, before.strip("0") and before, after.strip("0") and after)


def _batch(answer: bytes) -> Iterator[bytes]:
    """The contents in what ``git cat-file --batch`` prints, up to one that is missing."""
    stream = io.BytesIO(answer)
    while (head := stream.readline()) and not head.endswith(b" missing\n"):
        size = int(head.split()[2])
        yield stream.read(size)
        stream.read(1)
