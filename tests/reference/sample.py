"""A few runs of the committed reference that are cheap to train again, and what must hold of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from suite.compare.compare import Comparison
from suite.compare.text import verdicts
from suite.spec.runs import Run
from suite.spec.schema import Claim
from suite.spec.sizes import is_image
from suite.store.record import Environment, Record
from suite.study import Study

BUDGET = 45.0
"""Seconds of one core that training the sample may take, by what its runs took in the reference."""
ALIKE = frozenset({"identical", "within noise", "changed but not significant"})
"""Marks that a claim may have on another machine: image runs amplify its other rounding."""
CURE = 'results changed: run `run_suite.py reference`, and add a line to CHANGELOG.md under "Results"'

Kind = tuple[str, str, str]


class Look(NamedTuple):
    """A claim's first look."""

    study: Study
    claim: Claim
    runs: tuple[Run, ...]
    seconds: float
    """What these took in the reference."""

    @property
    def kinds(self) -> frozenset[Kind]:
        """What its runs are of: toy data or images, the constraint, the critic."""
        settings = [run.setting for run in self.runs]
        return frozenset(
            (_data(run), _kind(s.constraint), _kind(s.critic))
            for run, s in zip(self.runs, settings, strict=True)
        )


def chosen(studies: Sequence[Study], records: Mapping[str, Record], budget: float = BUDGET) -> list[Look]:
    """The cheapest first look for each kind of run, the cheapest kinds first, within the budget."""
    known: set[Kind] = set()
    trained: dict[str, float] = {}
    found = []
    for look in sorted(looks(studies, records), key=lambda each: each.seconds):
        more = {run.id: records[run.id].cost.seconds for run in look.runs}
        if look.kinds - known and sum((trained | more).values()) <= budget:
            known |= look.kinds
            trained |= more
            found.append(look)
    return found


def looks(studies: Sequence[Study], records: Mapping[str, Record]) -> Iterator[Look]:
    """The first looks of all claims of which the reference has every run."""
    for study in (study for study in studies if not study.not_run):
        for claim in study.experiment.claims.values():
            runs = tuple(study.runs_of(claim, 0))
            if runs and all(run.id in records for run in runs):
                yield Look(study, claim, runs, sum(records[run.id].cost.seconds for run in runs))


def is_same_machine(before: Environment, after: Environment) -> bool:
    """Whether equal bits are promised: the same type of processor, and the same libraries that compute."""
    one, other = (
        (of.processor, of.device, of.threads, of.packages.get("torch"), of.packages.get("numpy"))
        for of in (before, after)
    )
    return one == other


def broken(found: Comparison, *, same_machine: bool) -> list[str]:
    """What does not hold: on the same machine equal bits of every run, on any other claims that have not
    changed significantly.
    """
    claims = [
        f"{each.id}: {each.mark}, {verdicts(each)}: {each.note}"
        for each in found.claims
        if each.mark != "identical" and (same_machine or each.mark not in ALIKE)
    ]
    runs = [f"{each.id}: {each.mark}" for each in found.runs if same_machine and each.mark != "identical"]
    return [*claims, *runs]


def _data(run: Run) -> str:
    return "images" if is_image(run.setting.data) else "toy"


def _kind(part: object) -> str:
    return type(part).__name__
