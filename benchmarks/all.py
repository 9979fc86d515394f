"""Every ratio that the benchmarks measure, beside those of the last release.

A ratio is of two things measured in turn in one process on one thread, so that it says something on any
machine; seconds would not. What depends on the disk or on a cluster has scripts of its own: records.py,
compare.py and cluster.py; many.py measures the processor alone, and is joined in.

    uv run python benchmarks/all.py [--quick] [--keep]
"""

import argparse
import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import estimate
import many
import probes
import torch

import data
import engine
import images

KEPT = Path(__file__).with_name("figures.json")


def figures(*, quick: bool) -> Iterator[tuple[str, float]]:
    """Each ratio by its name, as it is measured."""
    for module in (engine, images, data, probes, estimate, many):
        yield from module.figures(quick=quick)


def last() -> tuple[str, dict[str, float]]:
    """The last release and its ratios."""
    if not KEPT.exists():
        return "no release", {}
    kept = json.loads(KEPT.read_text())
    return kept["release"], kept["figures"]


def main() -> None:
    """Print the ratios, and keep them where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds: to see that it works")
    parser.add_argument("--keep", action="store_true", help="write them as the figures of this release")
    options = parser.parse_args()
    torch.set_num_threads(1)
    release, before = last()
    print(f"| ratio | now | {release} | now / {release} |\n|---|---|---|---|")
    found = {}
    for name, ratio in figures(quick=options.quick):
        found[name] = float(f"{ratio:.3g}")
        old = before.get(name)
        told = "| – | – |" if old is None else f"| {old:.3g} | {ratio / old:.2f} |"
        print(f"| {name} | {ratio:.3g} {told}", flush=True)
    if options.keep:
        kept = {"release": version("wgan-suite"), "figures": found}
        KEPT.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
