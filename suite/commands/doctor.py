"""``doctor``: whether jobs can run on a cluster, checked before the first launch."""

import argparse
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from suite import places
from suite.cluster.checks import Check, ok, wrong
from suite.cluster.doctor import examine
from suite.cluster.profile import Profile
from suite.cluster.profiles import find, profile
from suite.commands.selection import repeated
from suite.errors import UserError
from suite.folders import real
from suite.printing import print_json, say

WIDTH = 18
"""Of the names of checks."""
SAYS = " " * (6 + WIDTH + 1)


def run(options: argparse.Namespace) -> int:
    """Print every check; status 1 where something is wrong."""
    chosen = profile(options.cluster, options.set)
    results = real(options.results)
    found, batch = [ok("profile", str(find(options.cluster)))], ""
    write: Callable[[str], object] = (lambda text: None) if options.json else sys.stdout.write
    write(line(found[0]))
    for check in _checks(chosen, results, options.job):
        if isinstance(check, Check):
            found.append(check)
            write(line(check))
        else:
            batch = check
    write(conclusion(found, batch, _words(options)))
    sys.stdout.flush()
    if options.json:
        print_json(described(found, batch))
    return 1 if _faults(found) else 0


def _checks(chosen: Profile, results: Path, with_job: bool) -> Iterator[Check | str]:
    """All checks, and between them the text of the batch file where there can be one."""
    faults = []
    for check in examine(chosen, results):
        faults += [check.name] if check.state == "wrong" else []
        yield check
    if {"commands", "results"} & set(faults):
        return
    yield from _submitting(chosen, results, with_job, faults)


def _submitting(
    chosen: Profile, results: Path, with_job: bool, faults: Sequence[str]
) -> Iterator[Check | str]:
    # Loads submitit, which the checks before do without.
    from suite.cluster.check_job import accepted, batch_file, trial
    from suite.cluster.freeze import freeze
    from suite.cluster.submit import Place

    try:
        place = Place(results, freeze(results, places.EXPERIMENTS))
        text = batch_file(chosen, place)
    except (UserError, OSError) as error:
        says, _, cure = str(error).partition("\n")
        yield wrong("batch file", says, cure.strip())
        return
    yield text
    if faults:
        return
    check = accepted(text, results / "cluster" / "doctor")
    yield check
    if with_job and check.state != "wrong":
        yield from trial(chosen, place, partial(say, sys.stderr))


def _faults(found: Sequence[Check]) -> list[Check]:
    return [check for check in found if check.state == "wrong"]


def line(check: Check) -> str:
    """A check as lines of text, its cure below it."""
    cure = "".join(f"{SAYS}    {part}\n" for part in check.cure.splitlines())
    return f"{check.state:<6}{check.name:<{WIDTH}} {check.says}\n{cure}"


def _words(options: argparse.Namespace) -> str:
    """The options with which other commands submit to the same profile and folder."""
    words = ["--cluster", options.cluster, *repeated("--set", options.set), "--results", str(options.results)]
    return shlex.join(words)


def conclusion(found: Sequence[Check], batch: str, words: str) -> str:
    """The batch file, and what it all comes to."""
    parts = [f"\nwhat sbatch gets for a job:\n\n{_indented(batch)}\n"] if batch else ["\n"]
    faults = _faults(found)
    if faults:
        parts.append(f"wrong: {', '.join(check.name for check in faults)}\n")
    elif not any(check.name == "test job" for check in found):
        parts.append("nothing wrong so far; without --no-job a test job looks at a node\n")
    else:
        parts.append(f"all well; next: {places.COMMAND} launch {words} --scale smoke\n")
    return "".join(parts)


def _indented(text: str) -> str:
    return "".join(f"    {each}\n" if each else "\n" for each in text.splitlines())


def described(found: Sequence[Check], batch: str) -> dict[str, object]:
    """The same as JSON has it."""
    return {
        "well": not _faults(found),
        "checks": [check._asdict() | {"cure": check.cure or None} for check in found],
        "batch_file": batch or None,
    }
