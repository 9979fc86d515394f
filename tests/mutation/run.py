"""Do the tests notice when the code is changed?

    python tests/mutation/run.py [--only suite.judge.exact] [--sample 200 --seed 1] [--table FILE]

changes the judge, the objectives and the metrics at one place after another, and runs the tests that reach
that place, the fastest first, until one fails. It ends with status 1 where a change that nobody noticed is
not in ``explained.txt``, which says of each why it makes no difference that a test should see.

Tests are collected once; each change has a fork of that process, in which the changed code takes the place
of the old. Time limits are of a process's own seconds, so that a busy machine changes nothing.
"""

import argparse
import gc
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import coverage
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.mutation.mutants import Mutant, mutants_of, source_of
from tests.mutation.swap import kept_results, put_in

PACKAGES = ("suite.judge", "suite.objectives", "suite.metrics")
TESTS = ("tests/judge", "tests/objectives", "tests/metrics")
EXPLAINED = Path(__file__).parent / "explained.txt"
KILLED, SURVIVED, FAILED, SLOW = "killed", "survived", 1, 2
SECONDS = 10
"""At least, of the tests of one change; at most three times what they take without it."""


class Tried(NamedTuple):
    """One change, and what came of it."""

    mutant: Mutant
    state: str
    tests: int


class Reach(NamedTuple):
    """What a test takes, and the lines that it runs, by file."""

    seconds: float
    lines: dict[str, list[int]]


class Trials:
    """A pytest plugin that tries changes instead of running the tests once."""

    def __init__(self, mutants: Sequence[Mutant], table: Path | None) -> None:
        self.mutants, self.tried, self.table = mutants, list[Tried](), table
        self.in_fork = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own."""
        session.config._tmp_path_factory.getbasetemp()
        remembering, reach = kept_results(), self._reach(session.items)
        gc.freeze()
        for mutant in [*_unchanged(self.mutants), *self.mutants]:
            self.tried.append(self._try(mutant, session.items, reach, remembering))
            self._tell(self.tried[-1])
        return True

    def _tell(self, tried: Tried) -> None:
        if self.table:
            with self.table.open("a") as file:
                file.write(f"{tried.state}\t{tried.tests}\t{tried.mutant.name}\n")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The first failure is enough."""
        if self.in_fork and report.failed:
            os._exit(FAILED)

    def _reach(self, items: Sequence[pytest.Item]) -> list[Reach]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "reach.json"
            status = self._forked(lambda: path.write_text(json.dumps(self._measured(items))), 3600, told=True)
            if status:
                sys.exit("the tests fail without any change")
            return [Reach(*each) for each in json.loads(path.read_text())]

    def _measured(self, items: Sequence[pytest.Item]) -> list[Reach]:
        measured = []
        for item in items:
            tracer = coverage.Coverage(data_file=None, config_file=False, include=_patterns())
            tracer.set_option("run:disable_warnings", ["no-data-collected"])
            start = time.process_time()
            with tracer.collect():
                _run(item)
            data = tracer.get_data()
            lines = {file: data.lines(file) or [] for file in data.measured_files()}
            measured.append(Reach(time.process_time() - start, lines))
        return measured

    def _try(
        self, mutant: Mutant, items: Sequence[pytest.Item], reach: Sequence[Reach], remembering: Sequence
    ) -> Tried:
        file, lines = str(source_of(mutant.module)), set(mutant.lines)
        own = [i for i, each in enumerate(reach) if lines & set(each.lines.get(file, ()))]
        if not mutant.around.function:
            own = [i for i, each in enumerate(reach) if each.lines.get(file)]
        own.sort(key=lambda i: reach[i].seconds)

        def act() -> None:
            for each in remembering:
                each.cache_clear()
            put_in(mutant)
            for i in own:
                _run(items[i])

        limit = max(SECONDS, 3 * sum(reach[i].seconds for i in own))
        status = self._forked(act, limit) if own else 0
        return Tried(mutant, KILLED if status else SURVIVED, len(own))

    def _forked(self, act: Callable[[], object], seconds: float, *, told: bool = False) -> int:
        """0 where ``act`` came to its end in a process of its own."""
        child = os.fork()
        if child:
            return os.waitpid(child, 0)[1]
        self.in_fork = True
        resource.setrlimit(resource.RLIMIT_CPU, (round(seconds), round(seconds) + 1))
        signal.alarm(20 * round(seconds))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for output in () if told else (1, 2):
            os.dup2(nowhere, output)
        try:
            act()
        except BaseException:
            os._exit(FAILED)
        os._exit(0)


def _unchanged(mutants: Sequence[Mutant]) -> list[Mutant]:
    """One change of each module that is none: tests that fail then fail by this program's fault."""
    return list({mutant.module: mutant._replace(new=mutant.old, after=mutant.before) for mutant in mutants}.values())


def _patterns() -> list[str]:
    return [str(ROOT / package.replace(".", "/") / "*") for package in PACKAGES]


def _run(item: pytest.Item) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


def main() -> int:
    options = _options()
    os.chdir(ROOT)
    mutants = [mutant for module in _modules(options.only) for mutant in mutants_of(module)]
    if options.sample and options.sample < len(mutants):
        mutants = random.Random(options.seed).sample(mutants, options.sample)
    trials = Trials(mutants, options.table)
    words = ["-qs", "-m", "not slow", "--hypothesis-profile=ci", "--tb=native", "--assert=plain"]
    status = pytest.main([*words, *(options.tests or TESTS)], plugins=[trials])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return int(status)
    controls = trials.tried[: len(trials.tried) - len(mutants)]
    lost = [each.mutant.name for each in controls if each.state == KILLED]
    if lost:
        sys.exit("\n".join(["code that was put in without a change made tests fail:", *lost]))
    return _told(trials.tried[len(controls) :], explained(), whole=not (options.only or options.sample))


def explained() -> dict[str, str]:
    """Changes that no test notices, and why none should."""
    pairs = (line.split("\t") for line in EXPLAINED.read_text().splitlines() if line and line[0] != "#")
    return {name: reason for name, reason in pairs}


def _modules(only: Sequence[str] | None) -> list[str]:
    paths = (path for package in PACKAGES for path in sorted((ROOT / package.replace(".", "/")).glob("*.py")))
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths)
    return [name for name in names if not only or any(name.startswith(each) for each in only)]


def _told(tried: Sequence[Tried], reasons: dict[str, str], *, whole: bool) -> int:
    for package in PACKAGES:
        states = Counter(each.state for each in tried if each.mutant.module.startswith(package))
        print(f"{package:18} {states.total():5,} changes, {states[KILLED]:5,} noticed, {states[SURVIVED]:4,} not")
    survivors = {each.mutant.name: each for each in tried if each.state == SURVIVED}
    open_ = [name for name in survivors if name not in reasons]
    for name in open_:
        each = survivors[name]
        print(f"line {each.mutant.around.statement.lineno}, {each.tests} tests: {name}")
    noticed = [name for name in reasons if name not in survivors] if whole else []
    print(*(f"explained, but noticed: {name}" for name in noticed), sep="\n", end="\n" if noticed else "")
    print(f"{len(survivors) - len(open_)} of {len(survivors)} that nobody noticed are explained")
    return 1 if open_ or noticed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", help="a module or package; may be repeated")
    parser.add_argument("--sample", type=int, help="so many changes instead of all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--table", type=Path, help="where to write what became of each change")
    parser.add_argument("tests", nargs="*", help="files of tests, instead of the three packages' own")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
