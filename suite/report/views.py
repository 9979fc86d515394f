"""What the page shows, gathered into values that its template only has to lay out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from suite.judge.assess import ClaimResult
from suite.judge.values import Judgement
from suite.metrics.reduce import protocol
from suite.places import with_program_name
from suite.plain import number_of
from suite.report import words
from suite.report.agreement import Agreement, agreement, interval_of
from suite.report.evidence import StoredEvidence
from suite.report.html import inlined
from suite.report.naming import anchor, dated
from suite.report.rules import rule
from suite.report.scoreboard import holm_line
from suite.report.settings import Settings, settings
from suite.report.sheets import SheetView, sheets
from suite.report.strips import Strip, strips
from suite.report.texts import TextView, texts
from suite.spec.claim_checks import OF_DRAWS
from suite.spec.figure_checks import PROBES
from suite.spec.packs.code import brought, is_here
from suite.spec.runs import Run, seeds
from suite.spec.schema import Claim, Experiment, Figure, Metric, Paper, Setting
from suite.store.record import Environment, Outcome, Record
from suite.study import Study

Figures = Mapping[tuple[str, str], Path]
DRAWN = {
    "layers": "the gradient norm by critic layer",
    "histograms": "histograms of the critic's hidden weights",
    "contours": "contours of the critic over the plane, with real data",
    "profiles": "critics over the line, with both densities",
    "over": "a metric against a factor, every seed a dot",
    "curves": "a series against the iteration",
    "seeds": "a metric by arm, every seed a dot",
    "samples": "generated points over real ones",
    "sheets": "generated images, below each arm's its metric",
    "pairs": "a metric of two arms against each other, every draw a dot, and a table of successes",
    "truncation": "variety and fidelity by the threshold of truncation, a line for each meaning of the word",
    "spectra": "the largest singular value of every layer against the iteration",
    "best_of": "the expected best of several draws against their number",
}


class RunLink(NamedTuple):
    """A run, and how a link to it reads."""

    text: str
    place: str


class RunRow(NamedTuple):
    """A run in the table of all of them."""

    place: str
    folder: str
    state: str
    seconds: str
    ended: str
    digest: str


class SeedRow(NamedTuple):
    """A seed: for each arm its value, and the runs behind it."""

    seed: int
    cells: tuple[tuple[str, tuple[RunLink, ...]], ...]


class FigureView(NamedTuple):
    """A picture, inlined."""

    place: str
    title: str
    alt: str
    data: str
    wide: bool
    about: frozenset[str]
    """The metric or series and the probe that it shows."""


class ClaimView(NamedTuple):
    """A claim and all that it rests on."""

    place: str
    result: ClaimResult
    title: str
    verdict: str
    mark: str
    estimate: str
    margin: str
    reason: str
    interval_of: str
    agreement: Agreement | None
    rule: str
    strips: tuple[Strip, ...]
    more: tuple[tuple[str, str], ...]
    arms: tuple[str, ...]
    seeds: tuple[SeedRow, ...]
    controls: str
    figures: tuple[FigureView, ...]
    cost: str


class ExperimentView(NamedTuple):
    """An experiment with its figures and claims."""

    place: str
    study: Study
    settings: Settings
    figures: tuple[FigureView, ...]
    sheets: tuple[SheetView, ...]
    texts: tuple[TextView, ...]
    claims: tuple[ClaimView, ...]
    cost: str
    runs: tuple[RunRow, ...]
    not_run: str = ""
    """Why it cannot be run here, where its data are missing."""


class PaperView(NamedTuple):
    """A paper with its experiments."""

    place: str
    paper: Paper
    experiments: tuple[ExperimentView, ...]
    holm: str

    @property
    def claims(self) -> tuple[ClaimView, ...]:
        """The claims of all its experiments."""
        return tuple(claim for experiment in self.experiments for claim in experiment.claims)


def papers(
    evidence: Sequence[StoredEvidence], results: Sequence[ClaimResult], figures: Figures
) -> tuple[PaperView, ...]:
    """Everything, paper by paper, the oldest first, experiments in the order given."""
    groups: dict[str, list[StoredEvidence]] = {}
    for each in evidence:
        groups.setdefault(each.study.paper.id, []).append(each)
    claims: dict[Study, list[ClaimResult]] = {each.study: [] for each in evidence}
    for result in results:
        claims.setdefault(result.study, []).append(result)
    dated_groups = sorted(groups.values(), key=lambda group: dated(group[0].study.paper))
    listed = listing(evidence)
    return tuple(_paper(group, claims, figures, listed) for group in dated_groups)


def listing(evidence: Sequence[StoredEvidence]) -> dict[str, Study]:
    """By its id, the study that lists a run: its own, or without that the first that borrows it."""
    listed: dict[str, Study] = {}
    for each in evidence:
        for record in each.records:
            if record.run.id not in listed or record.run.experiment == each.study.experiment.id:
                listed[record.run.id] = each.study
    return listed


def environments(evidence: Sequence[StoredEvidence]) -> tuple[tuple[Environment, int], ...]:
    """Each environment in which runs were trained, with their number; borrowed runs count once."""
    found: dict[bytes, tuple[Environment, int]] = {}
    every = {record.run.id: record.environment for each in evidence for record in each.records}
    for environment in every.values():
        name = msgspec.json.encode(environment, order="sorted")
        found[name] = environment, found.get(name, (environment, 0))[1] + 1
    return tuple(found.values())


def cost(records: Sequence[Record]) -> str:
    """What runs took together."""
    cores = (record.environment.threads * record.environment.processes for record in records)
    seconds = sum(record.cost.seconds * of_run for record, of_run in zip(records, cores, strict=True))
    flops = sum(record.cost.flops for record in records)
    return f"{number_of(len(records), 'run')}, {seconds:,.0f} core-seconds, {flops:.2g} FLOPs"


def _paper(
    group: Sequence[StoredEvidence],
    claims: Mapping[Study, Sequence[ClaimResult]],
    figures: Figures,
    listed: Mapping[str, Study],
) -> PaperView:
    views = tuple(_experiment(each, claims[each.study], figures, listed) for each in group)
    mine = [claim.result for view in views for claim in view.claims]
    paper = group[0].study.paper
    return PaperView(anchor("scoreboard", paper.id), paper, views, holm_line(mine))


def _experiment(
    evidence: StoredEvidence, results: Sequence[ClaimResult], figures: Figures, listed: Mapping[str, Study]
) -> ExperimentView:
    study = evidence.study
    drawn = tuple(
        _figure(study, name, figure, figures[study.name, name])
        for name, figure in study.experiment.figures.items()
        if (study.name, name) in figures
    )
    return ExperimentView(
        place=anchor(study.name, study.scale),
        study=study,
        settings=settings(study.experiment),
        figures=drawn,
        sheets=sheets(evidence),
        texts=texts(evidence),
        claims=tuple(_claim(evidence, r, drawn) for r in results),
        cost=cost(evidence.records),
        runs=tuple(_run(each) for each in evidence.records if listed[each.run.id] is study),
        not_run=with_program_name(study.not_run_in_short),
    )


def _run(record: Record) -> RunRow:
    return RunRow(
        place=_place(record.run),
        folder=f"runs/{record.code.fingerprint}/{record.run.id}",
        state=_state(record.outcome),
        seconds=f"{record.cost.seconds:.1f}",
        ended=record.ended,
        digest=record.digest[:12],
    )


def _state(outcome: Outcome) -> str:
    """How a run ended, and where and why it did not finish."""
    step = "" if outcome.step is None else f" at {outcome.step}"
    return f"{outcome.state}{step}{f': {outcome.reason}' if outcome.reason else ''}"


def _figure(study: Study, name: str, figure: Figure, path: Path) -> FigureView:
    about = {figure.y, PROBES.get(figure.kind)} - {None}
    return FigureView(
        anchor("figure", study.name, study.scale, name),
        figure.title,
        f"{figure.title}: {drawn_as(figure)}; {', '.join(figure.arms or study.experiment.arms)}",
        *inlined(path.read_bytes()),
        about=frozenset(str(each) for each in about),
    )


def drawn_as(figure: Figure) -> str:
    """What a kind of figure shows, for those who do not see it."""
    if figure.use is None:
        return DRAWN[figure.kind]
    return (brought("figures", figure.use).says if is_here(figure.use) else "") or f"by {figure.use}"


def _claim(evidence: StoredEvidence, result: ClaimResult, figures: tuple[FigureView, ...]) -> ClaimView:
    study, claim, judgement = result.study, result.claim, result.judgement
    behind = frozenset(result.run_ids)
    used = [record for record in evidence.records if record.run.id in behind]
    return ClaimView(
        place=anchor("claim", study.name, study.scale, result.name),
        result=result,
        title=words.title(result),
        verdict=words.verdict(result),
        mark=words.SYMBOLS[judgement.verdict],
        estimate=words.estimate(judgement),
        margin=words.margin(claim),
        reason=with_program_name(words.infinities(judgement.reason)),
        interval_of=interval_of(result),
        agreement=agreement(result),
        rule=rule(result),
        strips=strips(result),
        more=_more(result, evidence),
        arms=(claim.arm,) if judgement.versus is None else (claim.arm, claim.versus or ""),
        seeds=_seeds(evidence, result),
        controls=words.controls(result),
        figures=_showing(study.experiment, result, figures),
        cost=cost(used),
    )


def _more(result: ClaimResult, evidence: StoredEvidence) -> tuple[tuple[str, str], ...]:
    """The numbers beside the exact interval, by name."""
    judgement, setting = result.judgement, result.study.experiment.arms[result.claim.arm]
    metric = result.study.experiment.metrics[result.claim.metric]
    rows = {
        "Draws" if result.claim.kind in OF_DRAWS else "Seeds per arm": _looked(judgement),
        "One-sided level": words.number(judgement.alpha),
        "p at the margin": words.number(judgement.p),
        "Interval of the mean": words.interval(judgement.mean_interval) if judgement.mean_interval else None,
        "Probability of improvement": words.number(judgement.improvement),
        "Draws that succeed": _counted(result),
        "Metric": f"{result.claim.metric}: {words.meaning(result.claim.metric, metric)}",
        "Measure's hash (protocol)": _protocol(metric, setting),
        "Rule's hash (criterion)": result.criterion,
        "In the reference": _in_reference(result, evidence),
    }
    return tuple((name, text) for name, text in rows.items() if text not in (None, words.NONE))


def _looked(judgement: Judgement) -> str | None:
    """How many units were looked at; None before the first look."""
    return f"{judgement.n} (look {judgement.look} of {judgement.looks})" if judgement.look else None


def _protocol(metric: Metric, setting: Setting) -> str:
    if metric.use is not None and not is_here(metric.use):
        return f"as each run recorded it: {metric.use} is of a pack that is not here"
    return protocol(metric, setting.probes)


def _in_reference(result: ClaimResult, evidence: StoredEvidence) -> str | None:
    """The verdict that the committed reference has, and its estimate; None where it has none."""
    known = evidence.reference.get(result.id) if not result.study.variant else None
    if known is None:
        return None
    rule = "" if known.criterion == result.criterion else " by another rule"
    count = f"{known.n} {'draws' if result.claim.kind in OF_DRAWS else 'seeds per arm'}"
    return f"{known.verdict}{rule}, {words.number(known.estimate)}, {count}"


def _counted(result: ClaimResult) -> str | None:
    """The table of counts of a paired rate."""
    counts, claim = result.judgement.counts, result.claim
    if counts is None:
        return None
    return (
        f"only {claim.versus}: {counts.only_versus}, only {claim.arm}: {counts.only_arm}, "
        f"both: {counts.both}, neither: {counts.neither}"
    )


def _seeds(evidence: StoredEvidence, result: ClaimResult) -> tuple[SeedRow, ...]:
    claim, judgement = result.claim, result.judgement
    columns = [(claim.arm, words.seeds(claim, judgement.arm, judgement.finished))]
    if judgement.versus is not None:
        columns.append((claim.versus or "", words.seeds(claim, judgement.versus)))
    links = [_links(evidence, result, arm) for arm, _ in columns]
    return tuple(
        SeedRow(
            seed,
            tuple(
                (texts[i], by_seed.get(seed, ())) for (_, texts), by_seed in zip(columns, links, strict=True)
            ),
        )
        for i, seed in enumerate(_units(claim, len(judgement.arm)))
    )


def _units(claim: Claim, count: int) -> Sequence[int]:
    """Seeds, or numbers of draws."""
    return range(1, count + 1) if claim.kind in OF_DRAWS else seeds(count)


def _links(evidence: StoredEvidence, result: ClaimResult, arm: str) -> dict[int, tuple[RunLink, ...]]:
    """By seed, the runs of an arm that the claim looks at; of several, by their levels. Or by draw."""
    if result.claim.kind in OF_DRAWS:
        firsts = enumerate(evidence.firsts(arm, result.claim.where), 1)
        return {number: (RunLink("", _place(record.run)),) for number, record in firsts if record is not None}
    found: dict[int, list[RunLink]] = {}
    for condition in evidence.study.matching(arm, result.claim.where):
        text = words.levels({k: v for k, v in condition.levels.items() if k not in result.claim.where})
        for record in evidence.of(condition):
            found.setdefault(record.run.seed, []).append(RunLink(text, _place(record.run)))
    return {seed: tuple(links) for seed, links in found.items()}


def _showing(
    experiment: Experiment, result: ClaimResult, figures: tuple[FigureView, ...]
) -> tuple[FigureView, ...]:
    """The figures that show the claim's metric, its series or its probe; else all."""
    series = experiment.metrics[result.claim.metric].series
    names = {result.claim.metric, series, series.partition(".")[0]}
    return tuple(figure for figure in figures if figure.about & names) or figures


def _place(run: Run) -> str:
    return anchor("run", run.scale, run.id)
