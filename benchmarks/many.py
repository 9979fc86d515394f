"""Reading, judging and reporting the records of many runs, and starting a run beside them.

The records are made up: experiments of two arms at fifty sizes and ten seeds, which claims look at across all
of them, a thousand records each. Files are as a run leaves them, without series.

    uv run python benchmarks/many.py [--records 1000 10000 100000]

prints the processor seconds and the peak memory of each part, in a process of its own, then what a record
takes by the number of records: where the cost is linear, no ratio is above 1 by more than the machine
wavers. ``benchmarks/all.py`` has the ratios, too.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.records import ENVIRONMENT  # noqa: E402  That of compare.py comes with torch.
from suite.cli import parse  # noqa: E402
from suite.commands.choose import store, studies  # noqa: E402
from suite.commands.selection import Selection  # noqa: E402
from suite.metrics.reduce import protocol  # noqa: E402
from suite.report.regenerate import Again  # noqa: E402
from suite.store.record import Code, Cost, Measured, Outcome, Record  # noqa: E402
from suite.store.seal import sealed, written  # noqa: E402
from suite.store.store import Store  # noqa: E402
from suite.store.version import fingerprint  # noqa: E402
from suite.study import Study  # noqa: E402

EACH = 1000
"""Records of one experiment."""
SEEDS = 10
CLAIMS = """\
  steeper:
    says: The loss rises with the size.
    kind: trend
    metric: loss
    arm: clip
    over: size
    better: higher
    margin: 0.0
    looks: [10]
  higher:
    says: The loss is higher than with the penalty.
    kind: ordering
    metric: loss
    arm: clip
    versus: penalty
    where: {size: 9}
    better: higher
    margin: 0.0
    looks: [5, 10]
figures:
  losses: {kind: over, title: Losses, x: size, y: loss}
"""
WHOLE = ("read", "gather", "judge", "report")
"""What a report takes where figures stand; ``gather`` is done once more by ``report``."""
PARTS = (*WHOLE, "again")


def write_studies(folder: Path, count: int) -> tuple[Study, ...]:
    """So many experiments, written and read."""
    from compare import write_experiments  # With torch, which would count as memory.

    write_experiments(folder, count)
    for path in (folder / "experiments").glob("*/pair-*.yaml"):
        text = path.read_text()
        before, _, _ = text.partition("figures:\n")
        scales = text[text.index("scales:\n") :]
        path.write_text(before + CLAIMS + scales)
    return studies(Selection.of(parse(words(folder, "report"))))


def words(folder: Path, command: str, *more: str) -> list[str]:
    """The command on a folder's experiments and results."""
    return [
        command,
        "--experiments",
        str(folder / "experiments"),
        "--results",
        str(folder / "results"),
        *more,
    ]


def records(all_: Sequence[Study]) -> Iterator[Record]:
    """A record of each run, with numbers that rise with the size."""
    code = Code(fingerprint(), "0" * 40)
    for study in all_:
        rules = {f"{study.name}:{name}": rule for name, rule in study.criteria.items()}
        spec = study.experiment.metrics["loss"]
        for condition in study.conditions:
            size = float(condition.levels["size"])
            measured = protocol(spec, condition.setting.probes)
            for run in study.runs(condition, SEEDS):
                value = size / 40 + (run.seed * 7919 + int(size) * 104729) % 1000 / 1000
                yield Record(
                    run=run,
                    code=code,
                    environment=ENVIRONMENT,
                    started="2026-01-01T00:00:00+00:00",
                    ended="2026-01-01T00:01:00+00:00",
                    outcome=Outcome("finished"),
                    cost=Cost(1.0, 1e9, SEEDS),
                    metrics={"loss": Measured(value, measured)},
                    criteria=rules,
                    digest=f"{value}",
                )


def put(place: Store, record: Record) -> None:
    """Write a record as a run does, without waiting for the disk."""
    path = place.folder(record.run.id).record_path
    path.parent.mkdir(parents=True)
    path.write_bytes(written(sealed(record)))


def made(folder: Path, wanted: int) -> None:
    """A folder of experiments, and of results with so many records that have settled."""
    all_ = write_studies(folder, max(wanted // EACH, 1))
    place = store(Selection.of(parse(words(folder, "report"))))
    for record in records(all_):
        put(place, record)
    time.sleep(3)  # Files are kept together once they have settled.
    place.contents()


def measured(folder: Path) -> dict[str, float]:
    """Processor seconds of each part of a report, all processes together, and the peak in MiB."""
    from suite.judge.assess import assess
    from suite.report import page, tables  # noqa: F401  With what they import, which is of no record.
    from suite.report.evidence import gather
    from suite.report.write import write_report

    selection, now = Selection.of(parse(words(folder, "report"))), time.time()
    place, chosen = store(selection), studies(selection, reading=True)
    found: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begin = spent()
        made = work()
        found[name] = spent() - begin
        return made

    def write() -> Path:
        return write_report(chosen, results, place, folder / "report", Again(f"the one of {now}"), held)

    held = timed("read", place.contents).records
    timed("gather", lambda: gather(chosen, place, {}, held))
    results = timed("judge", lambda: [r for s in chosen for r in assess(s, held, lambda _: {})])
    timed("report", write)
    timed("again", write)
    found["peak"] = peak()
    return found


def peak() -> float:
    """MiB of this process at the most; unlike ``ru_maxrss`` not those of the one that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def spent() -> float:
    """Processor seconds of this process and of those that it waited for."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in both)


def apart(folder: Path) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--measure", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def started(folder: Path) -> float:
    """Processor seconds of a ``run`` of one experiment of which everything is there."""
    command = [sys.executable, str(ROOT / "run_suite.py")]
    command += words(folder, "run", "small/pair-0", "--no-report", "--quiet")
    begin = spent()
    subprocess.run(command, capture_output=True, check=True)
    return spent() - begin


def figures(*, quick: bool) -> Iterator[tuple[str, float]]:
    """How the time a record grows with their number, and what a start costs beside many."""
    sizes = (1_000, 10_000) if quick else (1_000, 10_000, 100_000)
    with tempfile.TemporaryDirectory() as name:
        found, starts = {}, {}
        for size in sizes:
            folder = Path(name) / str(size)
            made(folder, size)
            found[size], starts[size] = apart(folder), min(started(folder) for _ in range(3))
        least, most = sizes[0], sizes[-1]
        for part in PARTS:
            ratio = found[most][part] / most / (found[least][part] / least)
            yield f"records: {part}, a record of {most:,} / of {least:,}", ratio
        yield f"records: start of run beside {most:,} / {least:,}", starts[most] / starts[least]


class Taken(NamedTuple):
    """What so many records take: ``first`` with the figures drawn, ``again`` where they stand."""

    records: int
    first: dict[str, float]
    again: dict[str, float]
    start: float

    @property
    def each(self) -> float:
        """Processor microseconds a record where figures stand."""
        return sum(self.again[part] for part in WHOLE) / self.records * 1e6


def taken(wanted: int) -> Taken:
    """Make so many records, and measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made(folder, wanted)
        return Taken(wanted, apart(folder), apart(folder), min(started(folder) for _ in range(3)))


def parts(one: Taken) -> Iterator[str]:
    """The lines about one number of records."""
    yield f"{one.records:,} records\n\n| part | first | again |\n|---|---|---|"
    for part in (*PARTS, "peak"):
        yield f"| {part} | {one.first[part]:.2f} | {one.again[part]:.2f} |"
    yield f"| start of run | {one.start:.2f} | |\n"


def growth(every: Sequence[Taken]) -> Iterator[str]:
    """The lines about how it grows with their number."""
    least = every[0]
    yield "| records | seconds | us a record | ratio | peak MiB | start of run | ratio |"
    yield "|---|---|---|---|---|---|---|"
    for one in every:
        seconds, ratio = one.each * one.records / 1e6, one.each / least.each
        cells = (f"{one.records:,}", f"{seconds:.2f}", f"{one.each:.0f}", f"{ratio:.2f}")
        more = (f"{one.again['peak']:.0f}", f"{one.start:.2f}", f"{one.start / least.start:.2f}")
        yield f"| {' | '.join((*cells, *more))} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--records", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--measure", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure is not None:
        print(json.dumps(measured(options.measure)))
        return
    every: list[Taken] = []
    for wanted in sorted(options.records):
        every.append(taken(wanted))
        print("\n".join(parts(every[-1])), flush=True)
    print("\n".join(growth(every)))


if __name__ == "__main__":
    main()
