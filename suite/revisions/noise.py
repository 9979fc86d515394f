"""The noise floor of a version of the code: how far apart repeated runs of it end.

results/determinism/<fingerprint>.json, written by ``run_suite.py determinism``.
"""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from suite.spec.schema import Frozen
from suite.store.decoding import read_json
from suite.store.files import write
from suite.store.record import Environment

FORMAT = 1
FOLDER = "determinism"


class Difference(Frozen, kw_only=True):
    """How far apart a run ended when it was trained in another way."""

    identical: bool
    """Whether its digest was the same: final parameters and all series, to the bit."""
    metrics: dict[str, float | None] = {}
    """By metric, |a - b| over the larger of |a| and |b|; None where there is no bound, as of a number and
    none."""
    series: dict[str, float | None] = {}
    """By series, the largest of the same over its points."""
    apart_at: int | None = None
    """The first iteration at which a series was another: see ``suite.revisions.divergence``."""


class Repeated(Frozen, kw_only=True):
    """A run that was trained in several ways."""

    run: str
    experiment: str
    ways: dict[str, Difference]
    """By way, against the first time."""
    broken: list[str] = []
    """The ways in which less was found than docs/determinism.md promises."""


class Noise(Frozen, kw_only=True):
    """What is known of one version of the code on one machine."""

    fingerprint: str
    environment: Environment
    made: str
    """When, ISO 8601 in UTC."""
    runs: list[Repeated]
    format: int = FORMAT


def path_of(results: Path, fingerprint: str) -> Path:
    """The file of a version. Raises ValueError for what is no fingerprint."""
    if not fingerprint.isalnum():
        raise ValueError(f"not a fingerprint: {fingerprint!r}")
    return results / FOLDER / f"{fingerprint}.json"


def noise_of(results: Path, fingerprint: str) -> Noise | None:
    """What is known of a version; None where nothing is, or the file cannot be read."""
    found = read_json(path_of(results, fingerprint), Noise)
    is_ours = found is not None and (found.format, found.fingerprint) == (FORMAT, fingerprint)
    return found if is_ours else None


def floors(results: Path, fingerprint: str) -> dict[str, dict[str, float]]:
    """Experiment to metric to the largest relative difference between repetitions; 0 where all were the
    same to the bit, infinite where one had no value. Empty where nothing is known.
    """
    found = noise_of(results, fingerprint)
    return _largest((each.experiment, each.ways) for each in found.runs) if found else {}


def keep(results: Path, new: Noise) -> Path:
    """Write what was found, beside what is known of other runs in the same environment."""
    before = noise_of(results, new.fingerprint)
    again = {each.run for each in new.runs}
    same = before is not None and _same_machine(before.environment, new.environment)
    kept = [each for each in before.runs if each.run not in again] if before is not None and same else []
    path = path_of(results, new.fingerprint)
    whole = msgspec.structs.replace(new, runs=[*kept, *new.runs])
    write(path, msgspec.json.format(msgspec.json.encode(whole), indent=1))
    return path


def _same_machine(one: Environment, other: Environment) -> bool:
    return (one.device, one.processor, one.packages) == (other.device, other.processor, other.packages)


def _largest(runs: Iterable[tuple[str, Mapping[str, Difference]]]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for experiment, ways in runs:
        known = found.setdefault(experiment, {})
        for difference in ways.values():
            for metric, value in difference.metrics.items():
                known[metric] = max(known.get(metric, 0.0), math.inf if value is None else value)
    return found
