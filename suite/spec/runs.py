"""The runs an experiment stands for, and their ids."""

import itertools
import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Final

import msgspec

from suite.spec.draws import settings_at
from suite.spec.identity import canonical, canonical_json, digest
from suite.spec.merge import expand, from_plain, merge, overlay, plain
from suite.spec.places import Mark, Source
from suite.spec.schema import Borrowed, Experiment, FactorValue, Frozen, Setting
from suite.spec.uses import packs_of

SCHEME: Final = 1
"""Version of the ids: what they hash, and how."""
FIRST_SEED: Final = 10
"""Seeds below were used by pilots, whose results decided criteria."""
Cell = tuple[str, tuple[tuple[str, FactorValue], ...]]
"""An arm, and its factors' levels in the order of their names."""
_READABLE: Final = 80
_NOWHERE: Final = Mark(Source(""))


class Condition(Frozen, kw_only=True):
    """An arm at one level of each factor."""

    arm: str
    levels: dict[str, FactorValue] = msgspec.field(default_factory=dict)
    setting: Setting
    owner: Borrowed | None = None
    """Of a borrowed arm: the experiment and arm that its runs belong to."""


class Run(Frozen, kw_only=True, dict=True):
    """A condition with a seed: what one training run is asked to do."""

    experiment: str
    scale: str
    variant: str = ""
    arm: str
    levels: dict[str, FactorValue] = msgspec.field(default_factory=dict)
    seed: int
    setting: Setting

    @cached_property
    def id(self) -> str:
        """A readable prefix, the hash of setting and seed, and each pack that is used behind a plus;
        letters a-z, digits, dots, hyphens.
        """
        parts = [*self.experiment.split("/"), self.arm, *map(_level, self.levels.values())]
        readable = ".".join(slug(part) for part in parts)[:_READABLE].rstrip(".-")
        return f"{readable}.s{self.seed}.{_hash(self.setting, self.seed)}"

    @property
    def packs(self) -> tuple[str, ...]:
        """The packs whose code it uses."""
        return packs_of(self.setting)


def cell(of: Condition | Run) -> Cell:
    """What a condition or a run is known by within its experiment, however it is set."""
    return of.arm, tuple(sorted(of.levels.items()))


def seeds(count: int) -> range:
    """The first ``count`` seeds of a claim."""
    return range(FIRST_SEED, FIRST_SEED + count)


def conditions(experiment: Experiment) -> tuple[Condition, ...]:
    """Each arm with each combination of factor levels, in the order of the file."""
    return tuple(
        Condition(
            arm=arm,
            levels=levels,
            setting=_at(setting, experiment, arm, levels),
            owner=experiment.borrowed.get(arm),
        )
        for arm, setting in experiment.arms.items()
        for levels in combinations(experiment)
    )


def run_of(experiment: Experiment, condition: Condition, scale: str, variant: str, seed: int) -> Run:
    """One run of a condition; of a borrowed arm it is the lender's."""
    owner = condition.owner or Borrowed(experiment=experiment.id, arm=condition.arm)
    return Run(
        experiment=owner.experiment,
        scale=scale,
        variant=variant,
        arm=owner.arm,
        levels=condition.levels,
        seed=seed,
        setting=condition.setting,
    )


def combinations(experiment: Experiment) -> tuple[dict[str, FactorValue], ...]:
    """One level of each factor, in every combination; a single empty one without factors."""
    values = (factor.levels for factor in experiment.factors.values())
    return tuple(dict(zip(experiment.factors, levels, strict=True)) for levels in itertools.product(*values))


@lru_cache(maxsize=4096)
def slug(text: str) -> str:
    """The text in lower-case letters, digits, dots and hyphens."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")


def _at(setting: Setting, experiment: Experiment, arm: str, levels: Mapping[str, FactorValue]) -> Setting:
    if not levels:
        return setting
    node = from_plain(msgspec.to_builtins(setting), _NOWHERE)
    for name, level in levels.items():
        for path, value in settings_at(experiment.factors[name], level, arm).items():
            above = overlay(path.split("."), from_plain(value, _NOWHERE), _NOWHERE)
            node = merge(node, expand(above))
    return msgspec.convert(plain(node), Setting)


def _level(value: FactorValue) -> str:
    if isinstance(value, str):
        return value
    return f"{value:g}".replace("+", "").replace("-", "m", 1 if value < 0 else 0)


@lru_cache(maxsize=4096)
def work(setting: Setting) -> str:
    """What a run has to do, whatever its seed: the hash of its setting."""
    return digest(canonical_json({"scheme": SCHEME, "setting": _setting(setting)}))


@lru_cache(maxsize=4096)
def _setting(setting: Setting) -> dict[str, object]:
    return canonical(setting)


@lru_cache(maxsize=4096)
def _around(setting: Setting) -> tuple[str, str, str]:
    """What stands before and after the seed in the text that is hashed, and the packs behind the hash."""
    text = canonical_json({"scheme": SCHEME, "seed": 0, "setting": _setting(setting)})
    before, _, after = text.partition('"seed":0')
    return f'{before}"seed":', after, "".join(f"+{name}" for name in packs_of(setting))


def _hash(setting: Setting, seed: int) -> str:
    """The hash, and the packs: what of an id is not for people."""
    before, after, packs = _around(setting)
    return digest(f"{before}{seed}{after}") + packs
