"""Seconds and memory of comparing two versions with many runs each.

Both versions have made-up records, sealed as real ones are; one run in twenty differs, with series on both
sides. Each comparison is a process of its own, as a user starts it: the first one opens every record's own
file, the second one finds them in one file.

    uv run python benchmarks/compare.py [--runs 50000]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from suite.cli import parse  # noqa: E402
from suite.commands.choose import studies  # noqa: E402
from suite.commands.selection import Selection  # noqa: E402
from suite.metrics.reduce import protocol  # noqa: E402
from suite.series import Series  # noqa: E402
from suite.spec.runs import Run  # noqa: E402
from suite.store.record import Code, Cost, Environment, Measured, Outcome, Record  # noqa: E402
from suite.store.seal import sealed, written  # noqa: E402
from suite.store.series import encode  # noqa: E402
from suite.store.store import Store  # noqa: E402
from suite.study import Study  # noqa: E402
from tests.launch.small import PAIR, PAPER  # noqa: E402

LEVELS, SEEDS, ARMS = 50, 10, 2
CHANGED = 20
"""One run in so many differs."""
ENVIRONMENT = Environment(
    python="3.11",
    platform="Linux",
    processor="some processor",
    cores=8,
    device="cpu",
    threads=1,
    deterministic=True,
    packages=dict.fromkeys(("numpy", "pandas", "scikit-learn", "scipy", "torch"), "1.2.3"),
)
COMPARE = """\
import sys
sys.path.insert(0, sys.argv[1])
from suite.cli import main
main(["compare", *sys.argv[2:]])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(peak.split()[1], file=sys.stderr)
"""


def write_experiments(folder: Path, count: int) -> None:
    """Experiments of two arms at 50 levels each, of which two claims look at one."""
    levels = ", ".join(str(size) for size in range(4, 4 + LEVELS))
    text = PAIR.replace("metrics:\n", f"factors:\n  size: {{at: batch_size, values: [{levels}]}}\nmetrics:\n")
    text = text.replace("    better: higher\n", "    better: higher\n    where: {size: 4}\n")
    place = folder / "experiments" / "small"
    place.mkdir(parents=True)
    (place / "paper.yaml").write_text(PAPER)
    for number in range(count):
        (place / f"pair-{number}.yaml").write_text(text.replace("id: small/pair", f"id: small/pair-{number}"))


def record(study: Study, run: Run, value: float, fingerprint: str) -> Record:
    """A finished run's record."""
    metrics = {
        name: Measured(value, protocol(spec, run.setting.probes))
        for name, spec in study.experiment.metrics.items()
    }
    return Record(
        run=run,
        code=Code(fingerprint, fingerprint * 3),
        environment=ENVIRONMENT,
        started="2026-01-01T00:00:00+00:00",
        ended="2026-01-01T00:01:00+00:00",
        outcome=Outcome("finished"),
        cost=Cost(1.0, 1.0, 1),
        metrics=metrics,
        criteria={f"{study.name}:{name}": rule for name, rule in study.criteria.items()},
        digest=f"{value}",
    )


def runs(study: Study) -> Iterator[Run]:
    """All runs of a study, ten seeds of each condition."""
    for condition in study.conditions:
        yield from study.runs(condition, SEEDS)


def write_version(results: Path, all_: list[Study], fingerprint: str, shift: float) -> int:
    """The records of one version; how many."""
    store, random, count = Store(results, fingerprint), np.random.default_rng(1), 0
    iterations = np.arange(200)
    for study in all_:
        for run in runs(study):
            changed = count % CHANGED == 0
            value = float(random.standard_normal()) + (shift if changed else 0.0)
            folder = store.folder(run.id)
            folder.path.mkdir(parents=True)
            folder.record_path.write_bytes(written(sealed(record(study, run, value, fingerprint))))
            if changed:
                series = {"losses.critic": Series(iterations, value + np.sin(iterations / 9.0))}
                (folder.path / "series.parquet").write_bytes(encode(series))
            count += 1
    return count


def timed(folder: Path, names: list[str]) -> tuple[float, float, str]:
    """Seconds and peak MiB of one comparison, and what it prints."""
    results = folder / "results"
    sides = [f"{results}@{name}" for name in names]
    place = ["--experiments", str(folder / "experiments"), "--results", str(results)]
    begin = time.perf_counter()
    command = [sys.executable, "-c", COMPARE, str(ROOT), *sides, *place]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.perf_counter() - begin, int(done.stderr.split()[-1]) / 1024, done.stdout


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=50_000)
    wanted = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_experiments(folder, max(wanted // (LEVELS * SEEDS * ARMS), 1))
        words = ["report", "--experiments", str(folder / "experiments")]
        all_ = list(studies(Selection.of(parse(words))))
        names = ["a" * 12, "b" * 12]
        counts = [
            write_version(folder / "results", all_, name, by) for name, by in zip(names, (0, 1), strict=True)
        ]
        print(
            f"2 x {counts[0]:,} records, {os.cpu_count()} cores\n\n"
            "| comparison | seconds | peak MiB |\n|---|---|---|"
        )
        for what in ("first", "again"):
            seconds, peak, out = timed(folder, names)
            print(f"| {what} | {seconds:.1f} | {peak:.0f} |", flush=True)
        print("\n" + "\n".join(out.splitlines()[:6]))


if __name__ == "__main__":
    main()
