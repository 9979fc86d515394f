"""``bisect``: the commit that flipped a verdict, or changed the bits of a run."""

import argparse
import os
import sys
from collections.abc import Sequence

from suite.commands.at_revision import elsewhere
from suite.commands.choose import studies
from suite.commands.selection import Selection
from suite.commands.without_gpu import VARIABLE
from suite.compare.side import NOW
from suite.errors import UserError
from suite.printing import print_json, say
from suite.revisions import git
from suite.revisions.bisection import Bisection, Found, Trainer, Trial
from suite.revisions.git import Commit, Repository
from suite.revisions.questions import Digest, OwnVerdict, Question, digest_question, verdict_question
from suite.revisions.stages import EXPERIMENTS, stages
from suite.spec.layout import SCALES
from suite.spec.overrides import overrides_in

INSTEAD = {
    False: "give another claim, or other revisions; --digest and the id of a run find what changed its bits",
    True: "give another run, or other revisions",
}
"""What to ask where nothing differs, by whether a digest was asked for."""


def run(options: argparse.Namespace) -> int:
    """Search, and print the commit with all that is known of it."""
    repository = git.here()
    good, bad = (commit_of(repository, each) for each in (options.good, options.bad))
    question = asked(options)
    selection = selection_for(question, Selection.of(options))
    own = options.criterion == "own"
    chain = repository.chain(good, bad)
    found_stages = stages(repository, chain, question.experiment, options.results, own)
    if len(found_stages) == 1:
        raise UserError(_nothing_changed(question, len(chain) - 1))
    able = f"{len(found_stages) - 1} can change {question.experiment}"
    say(sys.stderr, f"{len(chain) - 1} commits, of which {able}")
    os.environ[VARIABLE] = "1"  # A search was asked for, at this scale.
    words = tuple(elsewhere(selection))
    trainer = Trainer(repository, options.results, options.environment, question, words, running(options))

    def tried(commit: Commit) -> Trial:
        say(sys.stderr, f"trying {commit.told}")
        return trainer.tried(commit)

    found = Bisection(found_stages, tried, trainer.ready, _told, INSTEAD[options.digest]).search()
    if options.json:
        print_json(described(found))
    else:
        versions = found.before.short, found.first.short
        sys.stdout.write(text(found, repository, selection.typed("compare", versions)))
    return 0


def commit_of(repository: Repository, revision: str) -> Commit:
    """The commit that a word names. UserError where it names none, as the word does that `compare` takes."""
    try:
        return repository.commit(revision)
    except UserError:
        if revision != NOW:
            raise
    raise UserError(f"{NOW!r} is no commit, and bisect takes commits\n    commit first, and name HEAD")


def asked(options: argparse.Namespace) -> Question:
    """What the command's words ask for."""
    by_id = {study.experiment.id: study for study in studies(Selection.of(options))}
    if options.digest:
        return digest_question(by_id, options.results, options.claim)
    found = verdict_question(by_id, options.claim)
    return OwnVerdict(found.experiment, found.claim) if options.criterion == "own" else found


def selection_for(question: Question, given: Selection) -> Selection:
    """What to run for an answer: a run's id stands for its own overrides and scale. UserError where these
    cannot be asked for.
    """
    if not isinstance(question, Digest):
        return given.alone(question.experiment)
    run = question.run
    scale = next((each for each in SCALES if each == run.scale), None)
    if scale is None:
        raise UserError(f"run {run.id}: there is no {run.scale!r} scale\n    give a run of another scale")
    return given.alone(run.experiment, *overrides_in(run.variant))._replace(scale=scale)


def running(options: argparse.Namespace) -> tuple[str, ...]:
    """The words on how revisions are run."""
    workers = ("--workers", str(options.workers)) if options.workers else ()
    return (*workers, "--quiet") if options.quiet else workers


def described(found: Found) -> dict[str, object]:
    """What was found, for programs."""
    return {
        "commit": found.first.id,
        "subject": found.first.subject,
        "date": found.first.date,
        "before": found.before.id,
        "good": found.good.value,
        "bad": found.bad.value,
        "doubtful": [commit.id for commit in found.doubtful],
        "tried": found.tried,
        "trained": found.trained,
    }


def text(found: Found, repository: Repository, comparison: str) -> str:
    """What was found, for people, and the command that compares the two."""
    commit = found.first
    lines = [
        "",
        f"{commit.id} is the first that differs",
        f"    {commit.subject}",
        f"    {commit.date}",
        f"    before: {found.good.told}",
        f"    then:   {found.bad.told}",
        *_doubts(found),
        "",
        repository.difference(found.before, commit, [*git.EVER_AFFECTED, EXPERIMENTS])
        or "It changes none of the files that the fingerprint covers.",
        "",
        f"{found.tried} versions tried, {found.trained} trained. Compare the two:",
        f"    {comparison}",
    ]
    return "\n".join(lines) + "\n"


def _doubts(found: Found) -> Sequence[str]:
    if not found.doubtful:
        return ()
    names = ", ".join(commit.short for commit in found.doubtful)
    return (f"    or one of these, which could not be tried: {names}",)


def _nothing_changed(question: Question, commits: int) -> str:
    return (
        f"none of the {commits} commits can change {question.experiment}\n"
        "    neither its files nor the code that can affect a result differ between GOOD and BAD"
    )


def _told(commit: Commit, trial: Trial) -> None:
    reply = trial.reply
    work = f"{trial.trained} runs trained" if trial.trained else "nothing to train"
    what = reply.told if reply.value else f"skipped: {reply.told}"
    say(sys.stderr, f"{commit.told}: {what}; {work}")
