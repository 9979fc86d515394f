"""Which runs are trained together. Nothing here changes a result."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from suite.launch.estimate import seconds
from suite.spec.identity import canonical, canonical_json
from suite.spec.runs import Run
from suite.spec.schema import Setting

REPLICAS = 12
"""Runs a batch at the most: more gain little, and a batch is what a crash loses."""
SHAPES = (
    "kind",
    "layers",
    "blocks",
    "width",
    "kernel",
    "bias",
    "activation",
    "normalization",
    "labels",
    "spectral",
    "attention",
    "extra",
    "shared",
    "skip",
    "depth",
)
OWN = {
    "data": ("kind", "length", "vocabulary"),
    "generator": (*SHAPES, "latent", "constant", "output"),
    "critic": SHAPES,
    "constraint": ("kind",),
    "optimizer": ("kind",),
    "generator_optimizer": ("kind",),
}
"""Of these parts only the named keys must agree in a batch; the rest is each replica's own."""


class Batch(NamedTuple):
    """Runs to train together, and about how long they take."""

    runs: tuple[Run, ...]
    seconds: float


@lru_cache(maxsize=4096)
def shape(setting: Setting) -> str:
    """Text that agrees for settings that can be trained in one batch."""
    parts = canonical(setting)
    common = {name: _shared(name, value) for name, value in parts.items()}
    return canonical_json(common)


def _shared(name: str, value: object) -> object:
    if name not in OWN or not isinstance(value, Mapping) or "use" in value:
        return value
    return {key: value[key] for key in OWN[name] if key in value}


def batches(
    runs: Iterable[Run],
    progress: Mapping[str, int],
    most: Callable[[Setting], int] = lambda _: REPLICAS,
) -> list[Batch]:
    """Runs grouped by experiment, shape and the iteration they have reached, in equal parts of not
    more than ``most`` runs of a setting.
    """
    groups: dict[tuple[str, str, int], list[Run]] = {}
    for run in runs:
        key = (run.experiment, shape(run.setting), progress.get(run.id, 0))
        groups.setdefault(key, []).append(run)
    parts = (part for group in groups.values() for part in _parts(group, most(group[0].setting)))
    return [Batch(part, seconds(part)) for part in parts]


def _parts(group: Sequence[Run], most: int) -> list[tuple[Run, ...]]:
    count = -(-len(group) // most)
    bounds = [round(i * len(group) / count) for i in range(count + 1)]
    return [tuple(group[a:b]) for a, b in itertools.pairwise(bounds)]


def ordered(found: Sequence[Batch]) -> list[Batch]:
    """The batches of the cheapest experiment first, for an early verdict; then the longest first,
    so that no long one is left to the end.
    """
    totals: dict[str, float] = {}
    for batch in found:
        name = batch.runs[0].experiment
        totals[name] = totals.get(name, 0.0) + batch.seconds
    first = min(totals, key=lambda name: totals[name], default="")
    return sorted(found, key=lambda b: (b.runs[0].experiment != first, -b.seconds))
