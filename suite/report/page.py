"""The report as one self-contained HTML page."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from suite.judge.assess import ClaimResult
from suite.judge.values import VERDICTS
from suite.report import words
from suite.report.evidence import StoredEvidence
from suite.report.html import allowed, templates
from suite.report.regenerate import Again
from suite.report.rows import rows
from suite.report.strips import EDGE, WIDTH
from suite.report.views import Figures, environments, papers
from suite.spec.draws import picked
from suite.spec.schema import Choice, Draws
from suite.store.files import write


def write_page(
    evidence: Sequence[StoredEvidence],
    results: Sequence[ClaimResult],
    figures: Figures,
    folder: Path,
    again: Again,
) -> Path:
    """Write index.html, which needs no other file and no network."""
    page = folder / "index.html"
    write(page, render(evidence, results, figures, again).encode())
    return page


def render(
    evidence: Sequence[StoredEvidence],
    results: Sequence[ClaimResult],
    figures: Figures,
    again: Again,
) -> str:
    """The page's HTML. Every string that comes from a file is escaped."""
    records = [record for each in evidence for record in each.records]
    found, known = papers(evidence, results, figures), templates()
    films = any(experiment.sheets for paper in found for experiment in paper.experiments)
    return known.get_template("page.html.j2").render(
        papers=found,
        script=allowed(known.get_template("page.js.j2").render()) if films else None,
        counts=_counts(results),
        scales=sorted({each.study.scale for each in evidence}),
        codes=sorted({(r.code.fingerprint, r.code.commit, r.code.patch) for r in records}),
        newest=max((record.ended for record in records), default="no runs yet"),
        environments=environments(evidence),
        again=again,
        words=words,
        drawn=drawn,
        rows=rows,
        line=(EDGE, WIDTH),
    )


def drawn(draws: Draws) -> list[tuple[int, list[str]]]:
    """Each draw's number and values, a choice that differs by arm written out."""
    rows = ((number, picked(draws, number)) for number in range(1, draws.count + 1))
    return [(number, [_shown(value) for value in values.values()]) for number, values in rows]


def _shown(value: Choice) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{arm}: {words.level(each)}" for arm, each in value.items())
    return f"[{', '.join(f'{each:g}' for each in value)}]" if isinstance(value, tuple) else words.level(value)


def _counts(results: Sequence[ClaimResult]) -> list[tuple[str, str, int]]:
    """Symbol, verdict and number of claims of each verdict."""
    found = Counter(result.judgement.verdict for result in results)
    return [(words.SYMBOLS[verdict], verdict, found[verdict]) for verdict in VERDICTS]
