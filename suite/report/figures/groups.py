"""What a figure compares: arms, at the factor levels that it does not fix."""

from collections.abc import Sequence
from typing import NamedTuple

from suite.report import words
from suite.report.evidence import Evidence
from suite.report.figures.style import COLORS, Look, looks
from suite.spec.runs import Condition
from suite.spec.schema import Figure
from suite.store.record import Record


class Group(NamedTuple):
    """Conditions drawn alike: an arm, at fixed levels of all factors but the one along an axis."""

    label: str
    look: Look
    conditions: tuple[Condition, ...]


def groups(evidence: Evidence, figure: Figure, along: str | None = None) -> list[Group]:
    """The groups of a figure, in the order of the file; ``along`` is the factor along an axis."""
    sorted_out: dict[str, list[Condition]] = {}
    for arm in figure.arms or evidence.study.experiment.arms:
        for condition in evidence.study.matching(arm, figure.where):
            sorted_out.setdefault(_label(condition, figure, along), []).append(condition)
    styles = looks_of(evidence, list(sorted_out))
    return [
        Group(label, look, tuple(members))
        for (label, members), look in zip(sorted_out.items(), styles, strict=True)
    ]


def looks_of(evidence: Evidence, names: Sequence[str]) -> list[Look]:
    """A look for each group: an arm's is the same in all figures of an experiment of few arms."""
    arms = list(evidence.study.experiment.arms)
    if len(arms) > len(COLORS) or not set(names) <= set(arms):
        return looks(len(names))
    every = looks(len(arms))
    return [every[arms.index(name)] for name in names]


def finished(evidence: Evidence, group: Group) -> tuple[Record, ...]:
    """The finished runs of a group's only condition, or of all of them."""
    return tuple(record for condition in group.conditions for record in evidence.finished(condition))


def label(evidence: Evidence, group: Group, count: str = "") -> str:
    """A group's label, with how many of its runs diverged or whether there are none; and its count of seeds
    where that is given.
    """
    total = sum(len(evidence.of(condition)) for condition in group.conditions)
    diverged = sum(len(evidence.diverged(condition)) for condition in group.conditions)
    if total == 0:
        return f"{group.label} (no runs)"
    said = [f"n = {count}"] if count else []
    said += [f"{diverged} of {total} diverged"] if diverged else []
    return f"{group.label} ({', '.join(said)})" if said else group.label


def names(evidence: Evidence, members: Sequence[Group]) -> list[str]:
    """The labels of groups, with their counts of seeds where those differ, as ``note`` has it."""
    counts = [_count(evidence, [group]) for group in members]
    apart = _apart(evidence, members)
    return [
        label(evidence, group, count if apart else "") for group, count in zip(members, counts, strict=True)
    ]


def note(evidence: Evidence, members: Sequence[Group]) -> str:
    """``6 seeds``; ``n seeds`` where groups have different numbers, which stand in their ``names``."""
    return "n seeds" if _apart(evidence, members) else seeds(evidence, members)


def seeds(evidence: Evidence, members: Sequence[Group]) -> str:
    """``6 seeds``, or ``4 to 6 seeds``, each condition having that many runs."""
    count = _count(evidence, members)
    return f"{count} seed{'' if count == '1' else 's'}" if count else "no runs"


def _apart(evidence: Evidence, members: Sequence[Group]) -> bool:
    return len({_count(evidence, [group]) for group in members} - {""}) > 1


def _count(evidence: Evidence, members: Sequence[Group]) -> str:
    counts = {len(evidence.of(c)) for group in members for c in group.conditions} - {0}
    if not counts:
        return ""
    least, most = min(counts), max(counts)
    return str(most) if least == most else f"{least} to {most}"


def nothing(evidence: Evidence, members: list[Group]) -> str:
    """Why there is nothing to draw."""
    runs = any(evidence.of(condition) for group in members for condition in group.conditions)
    return "nothing recorded" if runs else "no runs"


def _label(condition: Condition, figure: Figure, along: str | None) -> str:
    free = {n: v for n, v in condition.levels.items() if n != along and n not in figure.where}
    return words.condition(condition.arm, free)
