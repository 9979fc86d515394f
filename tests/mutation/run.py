"""Do the tests notice when the code is changed?

    python tests/mutation/run.py [--only suite.judge.exact] [--sample 200 --seed 1] [--table FILE]

changes the judge, the objectives, the metrics and what compares versions at one place after another, and runs
the tests that reach that place, the fastest first, until one fails. It ends with status 1 where a change that
nobody noticed is not in ``explained.txt``, which says of each why it makes no difference that a test should
see.
"""

import argparse
import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.mutation.mutants import ROOT, Mutant, mutants_of
from tests.mutation.trials import KILLED, SURVIVED, Trials, Tried

PACKAGES = ("suite.judge", "suite.objectives", "suite.metrics", "suite.compare")
SHOWING = frozenset(
    f"suite.compare.{name}"
    for name in ("arguments", "as_json", "markdown", "page", "strips", "text", "views")
)
"""Modules that compute nothing: they show what others have found."""
TESTS = ("tests/judge", "tests/objectives", "tests/metrics")
TESTS += tuple(f"tests/packs/test_packs_{name}.py" for name in ("training", "shapes", "trial"))
TESTS += ("tests/compare", "tests/revisions/test_divergence.py")
EXPLAINED = Path(__file__).parent / "explained.txt"
WORDS = ("-qs", "-m", "not slow", "--hypothesis-profile=ci", "--tb=native", "--assert=plain")
WORDS += ("--ignore-glob=*_browser.py", "--ignore-glob=*_accessible.py")


def main() -> int:
    options = _options()
    os.chdir(ROOT)
    mutants = [mutant for module in modules(options.only) for mutant in mutants_of(module)]
    if options.sample and options.sample < len(mutants):
        mutants = random.Random(options.seed).sample(mutants, options.sample)

    def tell(tried: Tried) -> None:
        if options.table:
            with options.table.open("a") as file:
                file.write(f"{tried.state}\t{tried.tests}\t{tried.mutant.name}\n")

    controls = _unchanged(mutants)
    trials = Trials([*controls, *mutants], tell)
    status = pytest.main([*WORDS, *(options.tests or TESTS)], plugins=[trials])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return int(status)
    if lost := [each.mutant.module for each in trials.tried[: len(controls)] if each.state == KILLED]:
        sys.exit(f"tests fail where code is put in without a change: {', '.join(lost)}")
    return _told(trials.tried[len(controls) :], whole=not (options.only or options.sample))


def explained() -> dict[str, str]:
    """Changes that no test notices, and why none should."""
    lines = [line for line in EXPLAINED.read_text().splitlines() if line[0] != "#"]
    return dict(line.split("\t") for line in lines)


def modules(only: Sequence[str] | None) -> list[str]:
    """Those whose names begin so, or all."""
    paths = (path for package in PACKAGES for path in sorted((ROOT / package.replace(".", "/")).glob("*.py")))
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths)
    known = (name for name in names if name not in SHOWING)
    return [name for name in known if not only or any(name.startswith(each) for each in only)]


def _unchanged(mutants: Sequence[Mutant]) -> list[Mutant]:
    """One change of each module that is none: tests that fail then fail by this program's fault."""
    one_each = {mutant.module: mutant for mutant in mutants}
    return [each._replace(new=each.old, after=each.before) for each in one_each.values()]


def _told(tried: Sequence[Tried], *, whole: bool) -> int:
    for package in PACKAGES:
        states = Counter(each.state for each in tried if each.mutant.module.startswith(package))
        found = f"{states.total():5,} changes, {states[KILLED]:5,} noticed, {states[SURVIVED]:4,} not"
        print(f"{package:18} {found}")
    reasons = explained()
    survivors = {each.mutant.name: each for each in tried if each.state == SURVIVED}
    without = [each for name, each in survivors.items() if name not in reasons]
    for each in without:
        print(f"line {each.mutant.lines[0]}, reached by {each.tests} tests: {each.mutant.name}")
    idle = [name for name in reasons if whole and name not in survivors]
    for name in idle:
        print(f"explained, but noticed: {name}")
    print(f"{len(survivors) - len(without)} of {len(survivors)} that nobody noticed are explained")
    return 1 if without or idle else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", help="a module or package; may be repeated")
    parser.add_argument("--sample", type=int, help="so many changes instead of all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--table", type=Path, help="to which to add a line on each change")
    parser.add_argument("tests", nargs="*", help="files of tests, instead of the packages' own")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
