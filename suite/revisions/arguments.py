"""Options of the commands that look at other revisions. Help is there at once."""

import argparse

from suite import arguments

WITH_VERDICTS = tuple(each for each in arguments.SCALES if each != "smoke")
MONOTONE = """\
The commits are those from GOOD to BAD along first parents. As with git bisect, the answer is right where
the verdict changes once between them and stays changed; where it changes to and fro, the answer is one of
the changes. Commits that cannot change the result of the one before are not tried, commits that cannot be
run are skipped, and results that are there are used: a search over 64 commits trains 7 of them at most.
Runs are found by the fingerprint of the code, so a change of packages alone is not found.
"""


def at_revision(one: argparse.ArgumentParser) -> None:
    """Add what ``run`` takes to train another revision."""
    one.add_argument(
        "--revision",
        metavar="REV",
        help="run the code and the experiments of a git revision, in a worktree and an environment of their "
        "own, on the same results",
    )
    environment(one, "pinned")


def bisecting(one: argparse.ArgumentParser) -> None:
    """Add what ``bisect`` takes."""
    one.formatter_class = argparse.RawDescriptionHelpFormatter
    one.epilog = MONOTONE
    one.add_argument("claim", metavar="CLAIM", help="EXPERIMENT:CLAIM; with --digest, the id of a run")
    one.add_argument("good", metavar="GOOD", help="a revision before the change")
    one.add_argument("bad", metavar="BAD", help="a revision after it")
    one.add_argument(
        "--digest", action="store_true", help="find what changed the bits of a run, not a verdict"
    )
    one.add_argument(
        "--criterion",
        choices=("current", "own"),
        default="current",
        help="judge each revision by the claim as it is now, or by its own (default: current)",
    )
    environment(one, "current")
    arguments.scale(one, WITH_VERDICTS)
    one.add_argument(
        "--workers", type=arguments.count, metavar="N", help="worker processes (default: all cores)"
    )
    arguments.quiet(one)
    arguments.as_json(one)
    arguments.experiments(one)
    arguments.results(one)


def determinism(one: argparse.ArgumentParser) -> None:
    """Add what ``determinism`` takes besides the selection of experiments."""
    one.add_argument(
        "--runs",
        type=arguments.count,
        default=6,
        metavar="N",
        help="train at most so many runs, the cheapest of each experiment first (default: 6)",
    )
    arguments.as_json(one)


def environment(one: argparse.ArgumentParser, default: str) -> None:
    """Which packages a revision is run with."""
    one.add_argument(
        "--environment",
        choices=("pinned", "current"),
        default=default,
        help="pinned: the packages that the revision pins, installed by uv; current: those that are here "
        f"(default: {default})",
    )
