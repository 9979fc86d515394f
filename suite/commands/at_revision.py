"""``run --revision``: the experiments at another revision, by its own code, on the same results."""

import argparse
import os
import sys

from suite import places
from suite.commands import without_gpu
from suite.commands.selection import Selection
from suite.printing import say
from suite.revisions import git
from suite.revisions.fingerprints import fingerprint_at
from suite.revisions.git import Commit, Repository
from suite.revisions.revision import Revision, asked_for, decoded, prepared
from suite.store.record import Record
from suite.store.store import read_record
from suite.store.version import fingerprint


def run(options: argparse.Namespace) -> int:
    """Run a revision's own ``run``; returns its exit status."""
    repository = git.here()
    commit = repository.commit(options.revision)
    code = fingerprint_at(repository, commit, options.results)
    say(sys.stdout, f"at {commit.told}, {commit.date[:10]}, code {code}")
    revision = prepared(repository, commit, options.results, options.environment)
    selection = Selection.of(options)
    words = elsewhere(selection)
    plan = revision.listen("plan", *words, "--json")
    if plan.status:
        return plan.status  # It has said why.
    say(sys.stdout, to_train(revision, repository, asked_for(decoded(plan.out))))
    if options.without_gpu:
        os.environ[without_gpu.VARIABLE] = "1"
    status = revision.run("run", *words, *running(options))
    if status == 0 and not options.no_report:
        comparing = selection.typed("compare", (commit.short, "now"))
        say(sys.stdout, f"no report is written of another revision; compare it: {comparing}")
    return status


def elsewhere(selection: Selection) -> list[str]:
    """The words that choose experiments, as another checkout understands them."""
    named = [*selection.packs, selection.experiments]
    *packs, experiments = (each if each == places.EXPERIMENTS else each.absolute() for each in named)
    return selection._replace(packs=tuple(packs), experiments=experiments).words


def running(options: argparse.Namespace) -> list[str]:
    """The words on how to run. An older revision must not write its report over this one's."""
    workers = ["--workers", str(options.workers)] if options.workers else []
    words = [*workers, "--checkpoint", str(options.checkpoint), "--no-report"]
    return [*words, "--quiet"] if options.quiet else words


def to_train(revision: Revision, repository: Repository, runs: dict[str, bool]) -> str:
    """How many runs are missing, and whose results are used."""
    missing = sum(runs.values())
    if missing == len(runs):
        return f"{missing} runs to train"
    what = f"{missing} of {len(runs)} runs to train" if missing else "nothing to train"
    return f"{what}: the code that can affect a result is that of {known_as(revision, repository)}"


def known_as(revision: Revision, repository: Repository) -> str:
    """A version that made results of this fingerprint: this one, or the commit that a record tells of."""
    if revision.store.fingerprint == fingerprint():
        return "this version"
    records = (read_record(folder.record_path) for folder in revision.store.folders())
    first = next((record for record in records if record is not None), None)
    return _told(first, repository, revision.commit)


def _told(record: Record | None, repository: Repository, commit: Commit) -> str:
    if record is None or not record.code.commit or record.code.commit == commit.id:
        return "the results that are there"
    patched = ", with changes" if record.code.patch else ""
    return f"{record.code.commit[:10]}{patched}"
