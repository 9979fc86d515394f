"""What the page of a comparison shows, gathered into values that its template only has to lay out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from suite.compare import text
from suite.compare.claims import ClaimChange
from suite.compare.compare import Comparison
from suite.compare.evidence import Both, both
from suite.compare.figures.draw import FROM_METRICS, KINDS, draw
from suite.compare.marks import COMPARED, MARKS, Mark
from suite.compare.run_table import Board
from suite.compare.seeds import shared
from suite.compare.strips import Strip, strips
from suite.judge.values import Judgement
from suite.report import words
from suite.report.html import inlined
from suite.report.naming import anchor
from suite.report.views import drawn_as
from suite.spec.schema import Figure
from suite.study import Study

LOOKS: Mapping[Mark, tuple[str, str, str]] = {
    "verdict flipped": ("⇄", "refuted", "reproduced on one side, refuted on the other, significantly"),
    "worse": ("▼", "refuted", "a significant shift for the worse, large enough to matter"),
    "better": ("▲", "reproduced", "a significant shift for the better, large enough to matter"),
    "new failure": ("✗", "refuted", "a run behind it finished before and diverged or failed after"),
    "fixed": ("✓", "reproduced", "the other way round"),
    "changed but not significant": (
        "?",
        "inconclusive",
        "a shift that may be large enough to matter; these seeds cannot tell",
    ),
    "changed": ("≁", "inconclusive", "a run that gave other bits: its claims tell what that means"),
    "not comparable": ("≠", "inconclusive", "another criterion, setting or protocol, or no run in common"),
    "missing": ("−", "not-evaluated", "only before are there runs of it"),
    "new": ("+", "not-evaluated", "only after are there runs of it"),
    "within noise": ("≈", "not-evaluated", "the whole interval of the shift is too small to matter"),
    "identical": ("=", "not-evaluated", "all its runs gave the same bits"),
}
"""Sign, colour and meaning of each mark."""
PICTURED = (COMPARED - {"identical"}) | {"not comparable"}
"""Marks of claims that are drawn: of the others there is nothing to lay over anything."""


class MarkView(NamedTuple):
    """A mark, and how many claims and runs have it."""

    mark: Mark
    claims: int
    runs: int

    @property
    def meaning(self) -> str:
        """What it says of a claim."""
        return LOOKS[self.mark][2]


class SideView(NamedTuple):
    """A claim on one side."""

    side: str
    verdict: str
    sign: str
    style: str
    estimate: str
    n: int
    reason: str


class ClaimView(NamedTuple):
    """A claim on both sides."""

    place: str
    change: ClaimChange
    sides: tuple[SideView, SideView]
    shift: str
    p: str
    note: str
    why: str
    strips: tuple[Strip, ...]

    @property
    def drawn(self) -> bool:
        """Whether there is more of it below the list."""
        return self.change.mark in PICTURED


class Picture(NamedTuple):
    """A figure with both sides in it, inlined."""

    place: str
    title: str
    alt: str
    data: str
    wide: bool


class ExperimentView(NamedTuple):
    """An experiment with its claims and pictures."""

    place: str
    study: Study
    claims: tuple[ClaimView, ...]
    pictures: tuple[Picture, ...]
    notes: tuple[str, ...]
    """What was left out, and why."""

    @property
    def marks(self) -> str:
        """The marks of its claims."""
        found = {claim.change.mark for claim in self.claims}
        return ",".join(mark for mark in MARKS if mark in found)

    @property
    def drawn(self) -> bool:
        """Whether there is more of it below the list."""
        return bool(self.pictures) or any(claim.drawn for claim in self.claims)


class RunRow(NamedTuple):
    """The runs of an experiment that have one mark."""

    experiment: str
    number: int
    mark: Mark
    told: str


def marks(found: Comparison) -> list[MarkView]:
    """The marks that a claim or a run has."""
    claims, runs = [claim.mark for claim in found.claims], [run.mark for run in found.runs]
    all_ = (MarkView(mark, claims.count(mark), runs.count(mark)) for mark in MARKS)
    return [each for each in all_ if each.claims or each.runs]


def experiments(found: Comparison) -> list[ExperimentView]:
    """Every experiment of which a claim has a run, in the order of the claims."""
    known: dict[str, list[ClaimChange]] = {}
    for claim in found.claims:
        known.setdefault(claim.study.name, []).append(claim)
    by_run: Mapping[str, Mark] = {run.id: run.mark for run in found.runs}
    return [_experiment(found, claims, by_run) for claims in known.values()]


def runs(found: Comparison) -> list[RunRow]:
    """The runs that are not identical: those that end otherwise one by one, the others by experiment."""
    alone = [
        RunRow(run.experiment, 1, run.mark, f"{run.id}: {words.infinities(run.note)}")
        for run in found.runs
        if run.mark in text.ALONE
    ]
    rest = text.groups(found)
    return alone + [
        RunRow(text.where(name, all_), len(all_), mark, text.parted(all_)) for name, mark, all_ in rest
    ]


def _experiment(
    found: Comparison, claims: Sequence[ClaimChange], by_run: Mapping[str, Mark]
) -> ExperimentView:
    study = claims[0].study
    board, seen = Board(study, found.joined), both(found, study, by_run)
    pictures = tuple(_pictures(study, seen))
    return ExperimentView(
        place=anchor(study.name, study.scale),
        study=study,
        claims=tuple(_claim(found, board, claim) for claim in claims),
        pictures=pictures,
        notes=tuple(_notes(seen, claims)),
    )


def _claim(found: Comparison, board: Board, change: ClaimChange) -> ClaimView:
    numbers = shared(board, change.claim, found.before, found.after) if change.mark in PICTURED else None
    return ClaimView(
        place=anchor("claim", change.study.name, change.study.scale, change.name),
        change=change,
        sides=(_side("before", change.before), _side("after", change.after)),
        shift=text.shift(change),
        p=text.p_value(change),
        note=words.infinities(change.note),
        why=text.causes(change.reasons),
        strips=() if numbers is None else strips(change, numbers),
    )


def _side(name: str, judgement: Judgement) -> SideView:
    return SideView(
        side=name,
        verdict=judgement.verdict,
        sign=words.SYMBOLS[judgement.verdict],
        style=judgement.verdict.replace(" ", "-"),
        estimate=words.estimate(judgement),
        n=judgement.n,
        reason=words.infinities(judgement.reason),
    )


def _pictures(study: Study, seen: Both) -> Iterator[Picture]:
    if not seen.changed:
        return
    for name, figure in study.experiment.figures.items():
        png = draw(seen, figure) if figure.kind in KINDS else None
        if png is not None:
            place = anchor("figure", study.name, study.scale, name)
            alt = f"{figure.title}, before and after: {drawn_as(figure)}"
            yield Picture(place, figure.title, alt, *inlined(png))


def _notes(seen: Both, claims: Sequence[ClaimChange]) -> Iterator[str]:
    """What an experiment's pictures leave out."""
    figures = seen.study.experiment.figures.values()
    if not seen.changed:
        return
    alike = [arm for arm in seen.study.experiment.arms if not _has_changed(seen, arm)]
    if alike:
        yield f"Left out of the figures, every run that both sides have being identical: {', '.join(alike)}."
    for side in seen.sides:
        without = [figure.title for figure in figures if _needs_series(figure)]
        if side.series_of is None and without:
            yield f"{side.name} has no series, and nothing of it is in: {', '.join(without)}."
    apart_by_kind = (
        ("Images", ("sheets",)),
        ("Draws", ("pairs", "best_of")),
        ("Figures of packs", ("pack",)),
    )
    for what, kinds in apart_by_kind:
        apart = [figure.title for figure in figures if figure.kind in kinds]
        if apart:
            yield f"{what} cannot be laid over each other; each side's report has them: {', '.join(apart)}."
    identical = sum(claim.mark == "identical" for claim in claims)
    if identical:
        yield f"{identical} of {len(claims)} claims here are identical and not drawn."


def _has_changed(seen: Both, arm: str) -> bool:
    return any(seen.has_changed(condition) for condition in seen.study.matching(arm, {}))


def _needs_series(figure: Figure) -> bool:
    return figure.kind in KINDS and figure.kind not in FROM_METRICS
