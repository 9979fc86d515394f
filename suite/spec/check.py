"""Mistakes that need more than one part of an experiment to be seen."""

import math
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dict
from functools import reduce
from typing import Final

import msgspec

from suite.spec.biggan_checks import added_faults
from suite.spec.claim_checks import (
    Fault,
    Scope,
    claim_faults,
    controlled,
)
from suite.spec.draws import set_by, settings_at
from suite.spec.explain import explain
from suite.spec.figure_checks import drawing_faults
from suite.spec.label_checks import label_faults
from suite.spec.merge import expand, from_plain, is_gone, merge, overlay, plain
from suite.spec.metric_checks import measured_faults, reduction_faults
from suite.spec.nodes import Mapping, Node, Sequence, entries_of, lookup, place
from suite.spec.packs.faults import Fault as OfPack
from suite.spec.packs.faults import figure_faults, metric_faults, series_faults, setting_faults
from suite.spec.places import Problem
from suite.spec.probe_checks import probe_faults
from suite.spec.runs import slug
from suite.spec.schema import (
    Claim,
    ConvCritic,
    ConvGenerator,
    Counterpart,
    Disturbed,
    Experiment,
    Factor,
    Fixed,
    ImageData,
    Metric,
    NoisyData,
    OneEach,
    ParallelLines,
    Scale,
    Setting,
    Shift,
    TextCritic,
    TextData,
    TextGenerator,
    TwoGaussians,
    Unigram,
)
from suite.spec.sizes import classes
from suite.spec.structure import MAX_CONDITIONS

OF_IMAGES: Final = ConvGenerator | ConvCritic | Disturbed | OneEach
OF_TEXT: Final = TextGenerator | TextCritic | Unigram
MAX_FACTORS: Final = 8
"""More than any experiment needs, and few enough to check each condition."""


def check(experiment: Experiment, tree: Mapping, scale: Scale) -> Iterator[Problem]:
    """The mistakes between the valid parts of an experiment; ``tree`` is all of it, with places."""
    scope = _scope(experiment, tree)
    yield from _arms(tree)
    for name, metric in experiment.metrics.items():
        yield from _placed(reduction_faults(metric), tree, "metrics", name)
        yield from _of_packs([*metric_faults(metric), *_packed_series(metric)], tree, "metrics", name)
    for name, claim in experiment.claims.items():
        yield from _claim(name, claim, scope, tree)
        # At smoke scale nothing is judged: there all may be over before anything is to be measured.
        if scale != "smoke":
            yield from _placed(measured_faults(claim, experiment), tree, "claims", name)
    for name, figure in experiment.figures.items():
        yield from _placed(drawing_faults(figure, scope), tree, "figures", name)
        yield from _of_packs(figure_faults(figure), tree, "figures", name)
    yield from _factors(experiment.factors, tree)
    yield from _conditions(experiment, tree)


def _names(tree: Mapping, section: str) -> frozenset[str]:
    """The keys of a section that are there."""
    entries = entries_of(lookup(tree, section))
    return frozenset(key for key, entry in entries.items() if not is_gone(entry.node))


def _scope(experiment: Experiment, tree: Mapping) -> Scope:
    return Scope(experiment, _names(tree, "arms"), _names(tree, "factors"), _names(tree, "metrics"))


def _placed(faults: Iterable[Fault], tree: Mapping, *path: str) -> Iterator[Problem]:
    for fault in faults:
        text = f"{'.'.join(path)}: {fault.text}"
        yield Problem(place(tree, *path, fault.field), text, fault.cure)


def _of_packs(faults: Iterable[OfPack], tree: Mapping, *path: str) -> Iterator[Problem]:
    for fault in faults:
        mark = place(tree, *path, *fault.at)
        yield Problem(mark, fault.text, fault.cure, about="absent" if fault.absent else "")


def _packed_series(metric: Metric) -> Iterator[OfPack]:
    for field in ("series", "against"):
        series = getattr(metric, field)
        if series is not None and "/" in series:
            yield from (fault._replace(at=(field,)) for fault in series_faults(series))


# --- Arms, factors and conditions -------------------------------------------------------


def _arms(tree: Mapping) -> Iterator[Problem]:
    if not _names(tree, "arms"):
        text = "an experiment needs at least one arm"
        yield Problem(place(tree, "arms"), text, "write arms: {baseline: {}}")
    seen: dict[str, str] = {}
    for name in sorted(_names(tree, "arms")):
        other = seen.setdefault(slug(name), name)
        if other != name:
            text = f"arms {other!r} and {name!r} look the same in the id of a run"
            yield Problem(place(tree, "arms", name), text, "let their letters and digits differ")


def _factors(factors: Dict[str, Factor], tree: Mapping) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name, factor in factors.items():
        if not _is_whole(factor):
            text = f"factor {name!r} needs 'at' and 'values', or 'draws' in the place of both"
            cure = "write for example {at: critic.width, values: [32, 64]}"
            yield Problem(place(tree, "factors", name), text, cure)
        for path in set_by(factor):
            other = first.setdefault(path, name)
            if other != name:
                text = f"factors {other!r} and {name!r} both set {path}"
                mark = place(tree, "factors", name, "draws" if factor.at is None else "at")
                yield Problem(mark, text, "leave it to one of them")
        if len(set(factor.levels)) < len(factor.levels):
            mark = place(tree, "factors", name, "values")
            yield Problem(mark, f"factor {name!r} has a level twice", "give each level once")


def _is_whole(factor: Factor) -> bool:
    if factor.draws is not None:
        return factor.at is None and factor.values is None
    return factor.at is not None and factor.values is not None


def _conditions(experiment: Experiment, tree: Mapping) -> Iterator[Problem]:
    factors = list(experiment.factors.items())
    count = math.prod(len(factor.levels) for _, factor in factors) * len(experiment.arms)
    if count > MAX_CONDITIONS or len(factors) > MAX_FACTORS:
        text = f"{len(factors)} factors and the arms make {count} conditions"
        cure = f"keep to {MAX_FACTORS} factors and {MAX_CONDITIONS} conditions"
        yield Problem(place(tree, "factors"), text, cure)
        return
    for arm, setting in experiment.arms.items():
        yield from _levels(lookup(tree, "arms", arm), setting, factors, arm, tree)


def _levels(
    node: Node | None, setting: Setting, factors: list[tuple[str, Factor]], arm: str, tree: Mapping
) -> Iterator[Problem]:
    """Each combination of levels, merged factor by factor as the runs will be."""
    if not factors:
        yield from _pairing(setting, arm, tree)
        return
    (name, factor), *rest = factors
    for settings in _overlays(name, factor, arm, tree):
        merged = reduce(merge, settings, node)
        assert merged is not None
        try:
            level = msgspec.convert(plain(merged), Setting)
        except msgspec.ValidationError:
            yield from _illegal_level(merged, name, factor, arm)
        else:
            yield from _levels(merged, level, rest, arm, tree)


def _overlays(name: str, factor: Factor, arm: str, tree: Mapping) -> Iterator[list[Node]]:
    """For each level, what is laid over the arm."""
    if factor.draws is not None:
        marks = {
            path: place(tree, "factors", name, "draws", "choices", path) for path in factor.draws.choices
        }
        for level in factor.levels:
            drawn = settings_at(factor, level, arm).items()
            yield [expand(overlay(p.split("."), from_plain(value, marks[p]), marks[p])) for p, value in drawn]
    elif factor.at is not None:
        at, values = place(tree, "factors", name, "at"), lookup(tree, "factors", name, "values")
        for value in values.items if isinstance(values, Sequence) else ():
            yield [expand(overlay(factor.at.split("."), value, at))]


def _illegal_level(merged: Node, name: str, factor: Factor, arm: str) -> Iterator[Problem]:
    for problem in explain(merged, Setting):
        what = f"factor {name!r}" + (f" at {factor.at}" if factor.at else "")
        text = f"{what}: {problem.text}"
        yield msgspec.structs.replace(problem, text=text, about="", context=f" (arm {arm!r})")


def _pairing(setting: Setting, arm: str, tree: Mapping) -> Iterator[Problem]:
    of_packs = list(setting_faults(setting))
    yield from _of_packs(of_packs, tree, "arms", arm)
    # Of data that nobody knows here it cannot be told what fits them.
    if not any(fault.absent and fault.at == ("data",) for fault in of_packs):
        yield from _fitting(setting, arm, tree)


def _fitting(setting: Setting, arm: str, tree: Mapping) -> Iterator[Problem]:
    """What is legal by itself, but not with these data."""
    data, generator = setting.data, setting.generator
    mark = place(tree, "arms", arm, "generator")
    if isinstance(generator, Counterpart) and not isinstance(data, TwoGaussians | ParallelLines):
        text = "generator counterpart needs data with two distributions"
        yield Problem(mark, text, "set data to two_gaussians or parallel_lines")
    if isinstance(generator, Shift) and not isinstance(data, ParallelLines):
        yield Problem(mark, "generator shift needs parallel lines", "set data to parallel_lines")
    if not isinstance(data, ImageData):
        yield from _needs_images(setting, arm, tree)
    if not isinstance(data, TextData):
        yield from _needs_text(setting, arm, tree)
    yield from _of_images(setting, arm, tree)
    for fault in (*label_faults(setting), *added_faults(setting), *probe_faults(setting)):
        yield Problem(place(tree, "arms", arm, fault.field), fault.text, fault.cure)


def _needs_images(setting: Setting, arm: str, tree: Mapping) -> Iterator[Problem]:
    wanting = [name for name in ("generator", "critic") if isinstance(getattr(setting, name), OF_IMAGES)]
    for name in wanting:
        kind = getattr(setting, name).__struct_config__.tag
        yield Problem(place(tree, "arms", arm, name), f"{name} {kind} needs images", "set data to images")


def _needs_text(setting: Setting, arm: str, tree: Mapping) -> Iterator[Problem]:
    for name in ("generator", "critic"):
        if isinstance(getattr(setting, name), OF_TEXT):
            kind = getattr(setting, name).__struct_config__.tag
            yield Problem(place(tree, "arms", arm, name), f"{name} {kind} needs text", "set data to grammar")


def _of_images(setting: Setting, arm: str, tree: Mapping) -> Iterator[Problem]:
    """What is legal by itself, but not with these data, this generator or this many iterations."""
    data, generator = setting.data, setting.generator
    if isinstance(generator, OneEach) and isinstance(data, ImageData) and not classes(data):
        text = "generator one_each needs data with labels"
        yield Problem(place(tree, "arms", arm, "generator"), text, "set data to labelled images")
    if isinstance(generator, NoisyData) and isinstance(data, ImageData):
        text = "generator noisy_data disturbs the very images it would be compared with"
        yield Problem(place(tree, "arms", arm, "generator"), text, "set generator to disturbed")
    if setting.freeze_at is not None and (
        setting.freeze_at >= setting.iterations or isinstance(generator, Fixed)
    ):
        text = "freeze_at needs a generator that is trained, and iterations after it"
        yield Problem(place(tree, "arms", arm, "freeze_at"), text, "leave it out, or raise iterations")


# --- Metrics, claims and figures --------------------------------------------------------


def _claim(name: str, claim: Claim, scope: Scope, tree: Mapping) -> Iterator[Problem]:
    faults = list(claim_faults(claim, scope))
    yield from _placed(faults, tree, "claims", name)
    for key, control in claim.controls.items():
        own = [fault for fault in claim_faults(controlled(claim, control), scope) if fault not in faults]
        yield from _placed(own, tree, "claims", name, "controls", key)
