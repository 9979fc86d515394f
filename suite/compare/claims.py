"""The mark of each claim: what its number and its verdict did, whether that matters, and why."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from suite.compare.attribution import Reason, merged
from suite.compare.marks import Mark
from suite.compare.noise import Floors
from suite.compare.permutation import adjusted, patterns
from suite.compare.run_table import Board, Place
from suite.compare.runs import RunChange
from suite.compare.seeds import Shared, shared
from suite.compare.shift import LEVEL, Shift, needed, pattern_statistics, shift
from suite.compare.side import Side
from suite.judge.assess import ClaimResult, assess, can_decide
from suite.judge.reasons import outlook, without
from suite.judge.values import Judgement
from suite.spec.schema import Claim
from suite.store.record import Record
from suite.study import Study

RULE = "rule of the claim"
"""Begins what is told of a claim that is decided otherwise."""
FEW = 3
"""Runs that a note names."""


class ClaimChange(NamedTuple):
    """A claim on two sides."""

    study: Study
    name: str
    claim: Claim
    mark: Mark
    before: Judgement
    after: Judgement
    reasons: tuple[Reason, ...] = ()
    note: str = ""
    shift: Shift | None = None
    """None where the sides cannot be compared, or share no seed."""
    p: float | None = None
    """That the shift is none, corrected for all the claims compared; None where it was not tested."""

    @property
    def id(self) -> str:
        """Experiment and claim, and the overrides where there are any."""
        return f"{self.study.experiment.id}:{self.name} {self.study.variant}".strip()


class Draft(NamedTuple):
    """A claim before the claims are held against one another."""

    change: ClaimChange
    """With its mark, where that needs no test."""
    runs: tuple[RunChange, ...] = ()
    seen: Shared | None = None
    """What is tested, where it needs one."""


def drafts(
    board: Board, changes: Mapping[str, RunChange], before: Side, after: Side, floors: Floors
) -> list[Draft]:
    """Every claim of a study that a side has a run of."""
    old = assess(board.study, board.records(after=False), before.series)
    new = assess(board.study, board.records(after=True), after.series)
    found = []
    for first, second in zip(old, new, strict=True):
        places = board.places(first.claim)
        if places:
            bare = ClaimChange(
                board.study, first.name, first.claim, "identical", first.judgement, second.judgement
            )
            runs = tuple(changes[place.pair.id] for place in places)
            notes = _controls(first, second)
            found.append(_draft(bare._replace(note=notes), places, runs, board, before, after, floors))
    return found


def decided(all_: Sequence[Draft]) -> list[ClaimChange]:
    """The claims with their marks, those that need it tested together."""
    tested = [(place, draft.seen) for place, draft in enumerate(all_) if draft.seen is not None]
    seeds = sorted({seed for _, seen in tested for seed in seen.seeds})
    signs = patterns(len(seeds))
    table = np.zeros((len(tested), len(signs)))
    for row, (place, seen) in enumerate(tested):
        change = all_[place].change
        columns = np.searchsorted(seeds, seen.seeds)
        decides = can_decide(change.claim, change.study.scale)
        table[row] = pattern_statistics(change.claim, seen, signs[:, columns], decides=decides)
    by_place = {place: float(p) for (place, _), p in zip(tested, adjusted(table), strict=True)}
    family = int(np.sum(table.any(axis=1)))
    return [
        _marked(draft, by_place[place], family) if place in by_place else draft.change
        for place, draft in enumerate(all_)
    ]


def _draft(
    bare: ClaimChange,
    places: Sequence[Place],
    runs: tuple[RunChange, ...],
    board: Board,
    before: Side,
    after: Side,
    floors: Floors,
) -> Draft:
    if not any(place.pair.before for place in places):
        return Draft(bare._replace(mark="new"), runs)
    if not any(place.pair.after for place in places):
        return Draft(bare._replace(mark="missing"), runs)
    why = merged(run.reasons for run in runs)
    bare = bare._replace(reasons=why, note=_joined(bare.note, _lone(places)))
    blocks = _blocks(bare, places, runs, (before, after))
    if blocks:
        said = _joined(", ".join(blocks), bare.note)
        causes = merged([why, *blocks.values()])
        return Draft(bare._replace(mark="not comparable", reasons=causes, note=said), runs)
    if all(run.mark in ("identical", "new", "missing") for run in runs):
        alone = not any(run.mark == "identical" for run in runs)
        return Draft(bare._replace(mark="not comparable", note="no run in common") if alone else bare, runs)
    seen = shared(board, bare.claim, before, after)
    if not seen.n:
        return Draft(_without_numbers(bare, runs), runs)
    floor = 0.0 if bare.claim.over else floors.of(bare.study.experiment.id, bare.claim.metric)
    return Draft(bare._replace(shift=shift(bare.claim, seen, floor)), runs, seen)


def _blocks(
    change: ClaimChange, places: Sequence[Place], runs: Sequence[RunChange], sides: tuple[Side, Side]
) -> dict[str, tuple[Reason, ...]]:
    """What keeps the two sides from being held against each other, each with what differs."""
    found: dict[str, tuple[Reason, ...]] = {}
    rules = _rules(change, places, sides)
    if rules:
        found["criterion"] = (Reason("spec", rules),)
    protocols = _protocols(change.claim.metric, places)
    if protocols:
        found["protocol"] = (Reason("protocol", protocols),)
    for cause in ("spec", "protocol"):
        if any(reason.cause == cause for run in runs for reason in run.reasons):
            found.setdefault(cause, ())
    return found


def _rules(change: ClaimChange, places: Sequence[Place], sides: tuple[Side, Side]) -> tuple[str, ...]:
    """The claim's criteria on the two sides, where they are not the one in force."""
    name, now = f"{change.study.name}:{change.name}", change.study.criteria[change.name]
    pairs = [place.pair for place in places]
    records = [pair.before for pair in pairs], [pair.after for pair in pairs]
    found = {
        criteria.get(name, now)
        for side, its in zip(sides, records, strict=True)
        for criteria in _criteria(side, name, its)
    }
    return tuple(f"{RULE}: {old} -> {now}" for old in sorted(found - {now}))


def _criteria(side: Side, name: str, records: Sequence[Record | None]) -> Iterator[Mapping[str, str]]:
    """Those of the side's version where it has the claim, or else those that its records were made under."""
    if name in side.criteria:
        yield side.criteria
    else:
        yield from (record.criteria for record in records if record is not None)


def _protocols(metric: str, places: Sequence[Place]) -> tuple[str, ...]:
    for place in places:
        found = [each.metrics[metric].protocol for each in place.pair.records if metric in each.metrics]
        first, *others = (record.run.setting for record in place.pair.records)
        if len(set(found)) > 1 and first in others:
            return (f"metric {metric} is defined otherwise: {' -> '.join(found)}",)
    return ()


def _without_numbers(bare: ClaimChange, runs: Sequence[RunChange]) -> ClaimChange:
    failing = any(run.mark == "new failure" for run in runs)
    mark: Mark = "new failure" if failing else "not comparable"
    return bare._replace(
        mark=mark, note=_joined("no seed has a number on both sides", _ends(runs), bare.note)
    )


def _marked(draft: Draft, p: float, claims: int) -> ClaimChange:
    """The claim with the mark that the test leaves it."""
    change, found, seen = draft.change._replace(p=p), draft.change.shift, draft.seen
    assert found is not None
    assert seen is not None
    mark = _mark(change, found, p <= LEVEL, draft.runs)
    notes = [_verdicts(change), _ends(draft.runs)]
    if mark == "within noise" and p <= LEVEL and found.interval.estimate:
        notes.append(f"a shift that is too small to matter: {found.smallest:.3g} would")
    if mark == "changed but not significant":
        seeds = needed(change.claim, seen, found, claims)
        told = "" if np.isfinite(found.interval.estimate) else without(seen.before, seen.after)
        notes.append(outlook(seeds, change.claim.versus is not None, told).replace("decide", "tell"))
    return change._replace(mark=mark, note=_joined(*notes, change.note))


def _mark(change: ClaimChange, found: Shift, significant: bool, runs: Sequence[RunChange]) -> Mark:
    if significant and {change.before.verdict, change.after.verdict} == {"reproduced", "refuted"}:
        return "verdict flipped"
    if significant and found.matters:
        return "better" if found.better else "worse"
    ends = {run.mark for run in runs}
    if "new failure" in ends:
        return "new failure"
    if "fixed" in ends:
        return "fixed"
    small = found.is_small or (significant and not found.matters)
    return "within noise" if small else "changed but not significant"


def _verdicts(change: ClaimChange) -> str:
    old, new = change.before.verdict, change.after.verdict
    return "" if old == new else f"{old} -> {new}"


def _lone(places: Sequence[Place]) -> str:
    """How many runs one side alone has."""
    before = sum(place.pair.after is None for place in places)
    after = sum(place.pair.before is None for place in places)
    told = [f"{count} runs only {when}" for count, when in ((before, "before"), (after, "after")) if count]
    return ", ".join(told)


def _ends(runs: Sequence[RunChange]) -> str:
    """The runs that end otherwise than before."""
    told = [f"{run.id} {run.mark} ({run.note})" for run in runs if run.mark in ("new failure", "fixed")]
    more = f" and {len(told) - FEW} more" if len(told) > FEW else ""
    return ", ".join(told[:FEW]) + more


def _controls(before: ClaimResult, after: ClaimResult) -> str:
    """The controls that came out as expected on one side alone."""
    both = zip(before.controls, after.controls, strict=True)
    told = [
        f"control {old.name}: {old.state} -> {new.state}"
        for old, new in both
        if old.state != new.state and "not evaluated" not in (old.state, new.state)
    ]
    return ", ".join(told)


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
