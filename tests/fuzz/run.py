"""Bad inputs by the ten thousand.

    python tests/fuzz/run.py --inputs 100000 --seed 1 [--only record --only npz] [--keep FOLDER]

makes them of good ones, all kinds in turn, and ends with status 1 where one has done what none may. The
first of each cause is written to ``FOLDER``; those that were mended are in ``kept/``, as tests.
"""

import argparse
import hashlib
import resource
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.fuzz.kinds import KINDS
from tests.fuzz.trial import Failure, mutant, tried

ADDRESSES = 12 * 2**30
"""Bytes; what asks for more gets a MemoryError, and this machine is spared."""


def main() -> int:
    options = _options()
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    warnings.simplefilter("error")
    names = options.only or list(KINDS)
    failures: dict[tuple[str, str], Failure] = {}
    for name in names:
        _one_kind(name, options.inputs // len(names), options.seed, failures)
    for (name, what), failure in failures.items():
        print(f"\n{name}: {what}, {len(failure.content)} bytes\n{failure.told[-1500:]}")
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            path = options.keep / f"{name}-{hashlib.sha256(failure.content).hexdigest()[:8]}"
            path.write_bytes(failure.content)
            print(f"kept as {path}")
    print(f"{len(failures)} causes of failure")
    return 1 if failures else 0


def _one_kind(name: str, count: int, seed: int, failures: dict[tuple[str, str], Failure]) -> None:
    kind, outcomes, start = KINDS[name], Counter[str](), time.monotonic()
    seeds = kind.seeds()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        for number in range(count):
            found = tried(kind, mutant(kind, seeds, seed * 10_000_000 + number), Path(folder))
            if isinstance(found, Failure):
                failures.setdefault((name, found.what), found)
            outcomes["failed" if isinstance(found, Failure) else "read" if found else "refused"] += 1
    told = ", ".join(f"{many:,} {what}" for what, many in sorted(outcomes.items()))
    print(f"{name:12} {count:>9,} inputs in {time.monotonic() - start:6.1f} s: {told}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=10_000, help="of all kinds together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=list(KINDS), help="one kind; may be repeated")
    parser.add_argument("--keep", type=Path, help="where to write the inputs that failed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
