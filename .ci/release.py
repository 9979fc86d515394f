"""Whether what names a version agrees; docs/release.md has the steps of a release.

uv run python .ci/release.py            at any time: status 1 where something disagrees
uv run python .ci/release.py --final    right before the tag: what a release needs besides
"""

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from suite.errors import UserError  # noqa: E402
from suite.spec.schema import Scale  # noqa: E402
from suite.store.reference import USUAL, Reference, age, read_reference, releases  # noqa: E402
from suite.store.version import fingerprint  # noqa: E402

UNRELEASED: Final = "unreleased"
SCALES: Final[tuple[Scale, ...]] = ("desk", "gpu", "paper")
HEADING: Final = re.compile(r"^## (?P<version>\S+) \((?P<when>[^)]*)\)$", re.MULTILINE)
RESULT: Final = re.compile(r"^- `([0-9a-f]{12})`: \S", re.MULTILINE)


class Entry(NamedTuple):
    """A release, as the changelog has it."""

    version: str
    when: str
    """A date, or ``unreleased``."""


class Place(NamedTuple):
    """Where a reference is."""

    release: str
    scale: Scale


class Tree:
    """A checkout, as far as a release is concerned."""

    def __init__(self, root: Path, code: str) -> None:
        self.root, self.code = root, code

    @cached_property
    def version(self) -> str:
        """That of the project file."""
        project = tomllib.loads(self._text("pyproject.toml"))
        return str(project["project"]["version"])

    @cached_property
    def citation(self) -> dict[str, Any]:
        """CITATION.cff."""
        found: dict[str, Any] = yaml.safe_load(self._text("CITATION.cff"))
        return found

    @cached_property
    def changelog(self) -> str:
        """CHANGELOG.md."""
        return self._text("CHANGELOG.md")

    @cached_property
    def entries(self) -> list[Entry]:
        """The releases of the changelog, in its order."""
        return [Entry(*each.group("version", "when")) for each in HEADING.finditer(self.changelog)]

    @property
    def newest(self) -> Entry:
        """The first of them."""
        return self.entries[0] if self.entries else Entry("none", UNRELEASED)

    @cached_property
    def references(self) -> dict[Place, Reference | UserError]:
        """By release and scale, the oldest first; what is wrong with one that cannot be read."""
        found = [Place(name, scale) for scale in SCALES for name in releases(self.root / "results", scale)]
        return {each: self._reference(each) for each in sorted(found, key=lambda each: age(each.release))}

    @property
    def releases(self) -> list[str]:
        """Those with results at the scale that each must have, the oldest first."""
        return [each.release for each in self.references if each.scale == USUAL]

    @property
    def newest_references(self) -> list[Reference]:
        """Those of the newest release that can be read, at every scale."""
        last = self.releases[-1:]
        every = (found for each, found in self.references.items() if each.release in last)
        return [found for found in every if isinstance(found, Reference)]

    def git(self, *words: str) -> str | None:
        """What git prints; None where it fails."""
        command = ["git", "-C", str(self.root), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return None if done.returncode else done.stdout.strip()

    def _reference(self, each: Place) -> Reference | UserError:
        try:
            return read_reference(self.root / "results", each.release, each.scale)
        except UserError as error:
            return error

    def _text(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")


def faults(tree: Tree, *, final: bool = False) -> list[str]:
    """What disagrees, each with its cure."""
    checks = [versions, headings, references, archive, *([release] if final else [])]
    return [fault for check in checks for fault in check(tree)]


def versions(tree: Tree) -> Iterator[str]:
    """One version everywhere, and one date."""
    if tree.newest.version != tree.version:
        yield (
            f"CHANGELOG.md begins with {tree.newest.version}, pyproject.toml has {tree.version}\n"
            f"    begin it with: ## {tree.version} ({UNRELEASED})"
        )
    if tree.citation.get("version") != tree.version:
        yield (
            f"CITATION.cff is of {tree.citation.get('version')}, pyproject.toml has {tree.version}\n"
            f"    say there: version: {tree.version}"
        )
    dated = str(tree.citation.get("date-released", UNRELEASED))
    if dated != tree.newest.when:
        cure = (
            "leave date-released out"
            if tree.newest.when == UNRELEASED
            else f"date-released: {tree.newest.when}"
        )
        yield f"CITATION.cff is {dated}, CHANGELOG.md has {tree.newest.when}\n    {cure}"


def headings(tree: Tree) -> Iterator[str]:
    """Each release once, with a date, the newest first; that alone may be without."""
    names = [entry.version for entry in tree.entries]
    if names != sorted(set(names), key=age, reverse=True):
        yield f"CHANGELOG.md: releases stand as {', '.join(names)}\n    each once, the newest first"
    wrong = [each for each in tree.entries if not _is_date(each.when)]
    for entry in wrong:
        if entry != tree.newest or entry.when != UNRELEASED:
            yield f"CHANGELOG.md: {entry.version} ({entry.when}) has no date\n    ## 0.1.0 (2026-11-30)"


def references(tree: Tree) -> Iterator[str]:
    """Every one is whole and of a release; the newest is of this one, and the changelog has its line."""
    known = {entry.version for entry in tree.entries}
    for each, found in tree.references.items():
        if isinstance(found, UserError):
            yield str(found)
        elif found.problems or found.head.release != each.release or each.release not in known:
            yield (
                f"results/reference/{each.release}/{each.scale}: of release {found.head.release}, "
                f"{len(found.problems)} records cannot be read here\n"
                "    name its folder as CHANGELOG.md does; suite/store/formats.py reads old records\n"
            )
    newest = (tree.releases or ["none"])[-1]
    if tree.newest.when != UNRELEASED and newest != tree.version:
        cure = "uv run run_suite.py reference"
        yield f"results/reference: the newest is {newest}, not {tree.version}\n    {cure}"
    yield from _without_a_line(tree)


def _without_a_line(tree: Tree) -> Iterator[str]:
    codes = dict.fromkeys(each.head.fingerprint for each in tree.newest_references)
    for code in codes.keys() - set(RESULT.findall(tree.changelog)):
        yield (
            f'CHANGELOG.md: nothing under "Results" on {code}, the code of the reference\n'
            f"    - `{code}`: what has changed, and why"
        )


def archive(tree: Tree) -> Iterator[str]:
    """What was released is as it was released, where this clone has the tags."""
    tags = (tree.git("tag", "--list", "v*") or "").split()
    for tag in tags:
        place = f"results/reference/{tag[1:]}"
        if tree.git("cat-file", "-e", f"{tag}:{place}") is None:
            continue
        if tree.git("diff", "--quiet", tag, "--", place) is None:
            yield f"{place}: not as it was released\n    git checkout {tag} -- {place}"


def release(tree: Tree) -> Iterator[str]:
    """What a tag needs besides: a date, results of this very code, nothing uncommitted, a free name."""
    if not _is_date(tree.newest.when):
        today = date.today().isoformat()
        yield f"CHANGELOG.md: {tree.version} is {tree.newest.when}\n    ## {tree.version} ({today})"
    for each in tree.newest_references:
        yield from _of_this_code(each, tree.code)
    if tree.git("status", "--porcelain") != "":
        yield "uncommitted changes, or no git checkout\n    git status"
    head, tagged = tree.git("rev-parse", "HEAD"), tree.git("rev-parse", f"v{tree.version}^{{commit}}")
    if tagged is not None and tagged != head:
        yield f"v{tree.version} is another commit\n    raise the version in pyproject.toml"


def _of_this_code(newest: Reference, code: str) -> Iterator[str]:
    if newest.head.fingerprint != code and newest.head.scale == USUAL:  # Others take days.
        yield (
            f"results/reference: of code {newest.head.fingerprint}, and this is {code}\n"
            "    uv run run_suite.py run, then uv run run_suite.py reference --force"
        )
    changed = sum(bool(record.code.patch) for record in newest.records.values())
    if changed:
        yield f"results/reference: {changed} runs of uncommitted code\n    commit, then train them again"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what disagrees; the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--final", action="store_true", help="also what a tag needs")
    options = parser.parse_args(arguments)
    tree = Tree(ROOT, fingerprint())
    found = faults(tree, final=options.final)
    there = ", ".join(map("/".join, tree.references))
    agrees = f"{tree.version} ({tree.newest.when}), references of {there}: all agrees"
    sys.stdout.write("\n".join(found or [agrees]) + "\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
