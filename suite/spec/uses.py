"""Which packs a setting uses."""

from suite.spec.schema import Experiment, Packed, PackImages, Setting


def packs_of(setting: Setting) -> tuple[str, ...]:
    """The names of the packs whose code a run of this setting can depend on, in order. Metrics and figures
    are made afterwards: they are no part of a run.
    """
    slots = (setting.data, setting.generator, setting.critic, setting.loss, setting.constraint)
    uses = [slot.use for slot in slots if isinstance(slot, Packed | PackImages)]
    return tuple(sorted({use.partition("/")[0] for use in (*uses, *setting.probes.packs)}))


def packs_used(experiment: Experiment) -> tuple[str, ...]:
    """The names of the packs that an experiment uses in any way, in order."""
    uses = [metric.use for metric in experiment.metrics.values()]
    uses += [figure.use for figure in experiment.figures.values()]
    named = {use.partition("/")[0] for use in uses if use is not None}
    named |= {m.series.partition("/")[0] for m in experiment.metrics.values() if "/" in m.series}
    return tuple(sorted(named.union(*(packs_of(setting) for setting in experiment.arms.values()))))
