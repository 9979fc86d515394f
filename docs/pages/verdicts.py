"""Tables of every claim and its verdict at each scale, from the committed reference."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from suite.errors import UserError
from suite.judge.assess import assess
from suite.report.naming import dated
from suite.report.words import STATISTICS, SYMBOLS, margin, meaning, number, venue
from suite.spec.layout import PAPER_FILE
from suite.spec.library import find
from suite.spec.load import load, load_paper
from suite.spec.schema import Claim, Paper, Scale
from suite.store.reference import Reference, Stated, read_reference, releases
from suite.study import Study

SCALES: Final[tuple[Scale, ...]] = ("desk", "gpu", "paper")
"""Those that give a verdict."""
NOT_RUN: Final = "not run"
NOT_ASKED: Final = "not asked"
"""A claim that is not made at this scale, such as one on the classifier where Inception judges."""
ORDER: Final = ("reproduced", "refuted", "inconclusive", "not evaluated")


class Row(NamedTuple):
    """A claim, with what is known of it at each scale."""

    experiment: str
    name: str
    claim: Claim
    """At the largest scale that has it."""
    measured: str
    """What the estimate is a number of, in words."""
    required: Mapping[Scale, str]
    """The rule in words: a scale may have another margin."""
    stated: Mapping[Scale, Stated]
    """Where the reference has it, under the rule that is in force."""
    unexpected: Mapping[Scale, tuple[str, ...]]
    """Controls that did not come out as they must."""

    @property
    def id(self) -> str:
        """Experiment and claim."""
        return f"{self.experiment}:{self.name}"

    def verdict(self, scale: Scale) -> str:
        """One of the verdicts, or that there is none."""
        if scale not in self.required:
            return NOT_ASKED
        return self.stated[scale].verdict if scale in self.stated else NOT_RUN


class AtScale(NamedTuple):
    """An experiment at one scale, and the reference's results there."""

    study: Study
    reference: Reference | None

    @property
    def found(self) -> dict[str, Stated]:
        """The claims of the reference that were judged by the rules in force."""
        all_ = {claim.id: claim for claim in self.reference.claims} if self.reference else {}
        ids = {name: f"{self.study.experiment.id}:{name}" for name in self.study.experiment.claims}
        return {
            name: all_[id_]
            for name, id_ in ids.items()
            if id_ in all_ and all_[id_].criterion == self.study.criteria[name]
        }

    def unexpected(self) -> dict[str, tuple[str, ...]]:
        """By claim, the controls that the reference's runs show not to be as expected."""
        if self.reference is None or not self.found:
            return {}
        results = assess(self.study, self.reference.records, lambda _: {})
        return {
            result.name: tuple(each.name for each in result.controls if each.state == "not as expected")
            for result in results
        }


class Verdicts:
    """The claims of a folder of experiments, with the verdicts of a folder of results."""

    def __init__(self, experiments: Path, results: Path) -> None:
        self.experiments, self.results = experiments, results

    @cached_property
    def references(self) -> dict[Scale, Reference]:
        """The newest reference of each scale."""
        return {s: read_reference(self.results, scale=s) for s in SCALES if releases(self.results, s)}

    @cached_property
    def papers(self) -> list[tuple[Paper, list[Row]]]:
        """Each paper with its claims, the oldest first, as on the page of a report."""
        groups = groupby(find(self.experiments), key=lambda path: path.parent)
        found = [
            (load_paper(folder / PAPER_FILE), [row for path in paths for row in self._rows(path)])
            for folder, paths in groups
        ]
        return sorted(found, key=lambda paper: dated(paper[0]))

    @property
    def rows(self) -> list[Row]:
        """Every claim."""
        return [row for _, rows in self.papers for row in rows]

    def _rows(self, path: Path) -> Iterator[Row]:
        at = {scale: AtScale(_study(path, scale), self.references.get(scale)) for scale in SCALES}
        found = {scale: each.found for scale, each in at.items()}
        unexpected = {scale: each.unexpected() for scale, each in at.items()}
        for name, (claim, words) in _claims([each.study for each in at.values()]).items():
            of = {s: one for s, each in at.items() if (one := each.study.experiment.claims.get(name))}
            yield Row(
                at["paper"].study.experiment.id,
                name,
                claim,
                words,
                {scale: margin(each) for scale, each in of.items()},
                {scale: each[name] for scale, each in found.items() if name in each},
                {scale: each.get(name, ()) for scale, each in unexpected.items()},
            )


def _study(path: Path, scale: Scale) -> Study:
    return Study(load_paper(path.parent / PAPER_FILE), load(path, scale), scale, "", path)


def _claims(studies: Sequence[Study]) -> dict[str, tuple[Claim, str]]:
    """Every claim of any scale, in the order of the smallest, and what its metric is there."""
    found: dict[str, tuple[Claim, str]] = {}
    for study in studies:
        for name, claim in study.experiment.claims.items():
            words = meaning(claim.metric, study.experiment.metrics[claim.metric])
            found[name] = claim, found[name][1] if name in found else _measured(claim, words)
    return found


def _measured(claim: Claim, words: str) -> str:
    match claim.kind:
        case "ordering" | "best_of":
            return f"difference of: {words}"
        case "equivalence" if claim.versus is not None:
            return f"difference of: {words}"
        case "trend":
            return f"{STATISTICS[claim.statistic]} along {claim.over} of: {words}"
        case "rate":
            return f"share of seeds {claim.success} {number(claim.cut)} in: {words}"
        case "paired_rate":
            return f"share of draws with one arm alone {claim.success} {number(claim.cut)} in: {words}"
        case _:
            return words


def by_paper(verdicts: Verdicts) -> str:
    """A row for each paper: how many claims about it have which verdict at each scale."""
    rows = [
        [f"{paper.title} ({venue(paper)})", str(len(rows)), *(counted(rows, scale) for scale in SCALES)]
        for paper, rows in verdicts.papers
    ]
    every = ["**all**", str(len(verdicts.rows)), *(counted(verdicts.rows, scale) for scale in SCALES)]
    return table(["claims about", "number", *_heads()], [*rows, every])


def counted(rows: Sequence[Row], scale: Scale) -> str:
    """``12 ✓, 2 ✗, 3 ?``: how many claims have which verdict."""
    found = Counter(row.verdict(scale) for row in rows)
    if found.keys() <= {NOT_RUN, NOT_ASKED}:
        return NOT_RUN
    told = [f"{found[name]}\u00a0{SYMBOLS[name]}" for name in ORDER if found[name]]
    return ", ".join([*told, *(f"{found[name]} {name}" for name in (NOT_RUN, NOT_ASKED) if found[name])])


def beside_the_paper(verdicts: Verdicts) -> str:
    """The claims of which the paper has a number, with that number."""
    rows = [
        [_sentence(row), row.claim.paper_value, row.measured, _required(row), *_cells(row)]
        for row in verdicts.rows
        if row.claim.paper_value
    ]
    return table(["claim", "the paper's number", "measured here", "required", *_heads()], rows)


def every_claim(verdicts: Verdicts) -> str:
    """For each paper a heading and, experiment by experiment, the table of its claims."""
    parts: list[str] = []
    for paper, rows in verdicts.papers:
        parts.append(f"## {paper.title}\n\n{paper.authors}, {venue(paper)}: <{paper.url}>")
        for experiment, own in groupby(rows, key=lambda row: row.experiment):
            heads = ["claim", "where", "measured", "required", "the paper's number", *_heads()]
            parts.append(f"### {experiment}\n\n{table(heads, [_whole(row) for row in own])}")
    return "\n\n".join(parts) + "\n"


def _whole(row: Row) -> list[str]:
    paper = row.claim.paper_value or "none"
    return [row.claim.says, row.claim.source, row.measured, _required(row), paper, *_cells(row)]


def _required(row: Row) -> str:
    return next(iter(row.required.values()))


def _sentence(row: Row) -> str:
    return f"**{row.experiment}** ({row.claim.source}): {row.claim.says}"


def _cells(row: Row) -> list[str]:
    return [cell(row, scale) for scale in SCALES]


def cell(row: Row, scale: Scale) -> str:
    """Verdict, estimate and interval at a scale, seeds, and what else has to be known."""
    stated = row.stated.get(scale)
    if stated is None:
        return row.verdict(scale)
    first = next(iter(row.required.values()))
    notes = [f"required {row.required[scale]}"] if row.required[scale] != first else []
    if row.unexpected[scale]:
        notes.append(f"control not as expected: {', '.join(row.unexpected[scale])}")
    if SCALES.index(row.claim.decided_from) > SCALES.index(scale):
        notes.append(f"decided from {row.claim.decided_from} scale on")
    bounds = f"{number(stated.estimate)} [{number(stated.low)}, {number(stated.high)}], n = {stated.n}"
    note = f" ({'; '.join(notes)})" if notes else ""
    return f"{SYMBOLS[stated.verdict]} {stated.verdict}: {bounds}{note}"


def _heads() -> list[str]:
    return [f"{scale} scale" for scale in SCALES]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    return "\n".join([_line(heads), "|---" * len(heads) + "|", *map(_line, rows)])


def _line(texts: Sequence[str]) -> str:
    return f"| {' | '.join(text.replace('|', chr(92) + '|') for text in texts)} |"


def source(verdicts: Verdicts) -> str:
    """Which references the tables are made from; UserError where there is none."""
    if not verdicts.references:
        raise UserError(f"{verdicts.results}: no reference\n    run_suite.py reference writes one")
    heads = [each.head for each in verdicts.references.values()]
    return "; ".join(f"release {h.release}, {h.scale} scale, code {h.fingerprint}" for h in heads)
