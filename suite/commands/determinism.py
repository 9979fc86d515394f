"""``determinism``: whether runs trained in other ways end with the same bits, or how far apart."""

import argparse
import sys
from collections.abc import Iterable

import msgspec

from suite.commands.choose import not_run, studies
from suite.commands.selection import Selection
from suite.errors import UserError
from suite.plain import columns, number_of, spelled
from suite.printing import say
from suite.revisions.noise import FOLDER, Difference, Noise, Repeated, keep
from suite.revisions.repeat import chosen, repeated
from suite.revisions.variations import WAYS, Way, estimate
from suite.store.version import fingerprint


def run(options: argparse.Namespace) -> int:
    """Train, print and keep what was found; status 1 where less holds than docs/determinism.md promises."""
    selected = studies(Selection.of(options))
    runs = chosen(selected, options.runs)
    if not runs:
        raise UserError(f"nothing to train\n    {not_run(selected).strip() or 'choose other experiments'}")
    (options.results / FOLDER).mkdir(parents=True, exist_ok=True)  # Fails now, and not when all is trained.
    about = spelled(estimate(runs))
    say(sys.stderr, f"{number_of(len(runs), 'run')}, each trained in {len(WAYS) + 1} ways: about {about}")
    found = repeated(runs, selected, _say_way)
    sys.stdout.write(_json(found) if options.json else f"{text(found)}\n")
    path = keep(options.results, found)
    sys.stdout.write("" if options.json else f"kept in {path}\n")
    return 1 if any(each.broken for each in found.runs) else 0


def text(found: Noise) -> str:
    """A table of runs and ways, and what it comes to."""
    head = ("run", *(way.name for way in WAYS))
    rows = [(each.run, *(told(each.ways[way.name]) for way in WAYS)) for each in found.runs]
    return "\n".join([columns([head, *rows]), "", *_details(found.runs), summary(found)])


def told(difference: Difference) -> str:
    """One cell of the table."""
    if difference.identical:
        return "identical"
    if difference.apart_at is None:
        return "failed" if not difference.series else "other parameters"
    return (
        f"{_largest([*difference.metrics.values(), *difference.series.values()])} from {difference.apart_at}"
    )


def _details(runs: Iterable[Repeated]) -> list[str]:
    """The noise floor of each metric of the runs that differ."""
    lines = []
    for each in runs:
        for way, difference in each.ways.items():
            if not difference.identical:
                numbers = ", ".join(f"{name} {_number(v)}" for name, v in difference.metrics.items())
                lines.append(f"{each.run}, {way}: {numbers or 'no metrics'}")
    return [*lines, ""] if lines else []


def summary(found: Noise) -> str:
    """What holds, in a line."""
    broken = sum(bool(each.broken) for each in found.runs)
    if broken:
        return f"{broken} of {len(found.runs)} runs break what docs/determinism.md promises"
    if all(each.identical for run in found.runs for each in run.ways.values()):
        return f"all identical to the bit: the noise floor of code {fingerprint()} is nothing here"
    return "what docs/determinism.md promises holds; the differences above are the noise floor"


def _largest(values: Iterable[float | None]) -> str:
    known = list(values)
    return _number(None if None in known else max((v for v in known if v is not None), default=0.0))


def _number(value: float | None) -> str:
    return "without bound" if value is None else f"{value:.1e}" if value else "0"


def _json(found: Noise) -> str:
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


def _say_way(way: Way) -> None:
    say(sys.stderr, f"training: {way.name}")
