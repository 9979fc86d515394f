"""A comparison as Markdown, for a pull request."""

from collections.abc import Iterable, Sequence

from suite.compare import text
from suite.compare.claims import ClaimChange
from suite.compare.compare import Comparison
from suite.compare.marks import Mark
from suite.compare.packs import labels
from suite.report import words

CLAIMS = ("claim", "mark", "verdict", "shift [interval]", "p", "why")
RUNS = ("experiment: arms", "runs", "mark", "how far the series part")
MOST = 200
"""Rows of a table: a comment on a pull request has a limit."""


def markdown(found: Comparison) -> str:
    """Counts first, then the claims that need a word, the rest folded."""
    loud, (before, after) = text.loud(found), labels(found)
    parts = [
        f"### {_safe(before)} against {_safe(after)}",
        _list(_counted(found)),
        _table(CLAIMS, [_claim(claim) for claim in loud]),
        *(_of_mark(found, mark) for mark in text.FOLDED),
        _folded("Runs that are not identical", _runs(found)),
        _folded("What differs", _list(_safe(reason.told) for reason in text.differing(found))),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _of_mark(found: Comparison, mark: Mark) -> str:
    rows = [_claim(claim) for claim in found.claims if claim.mark == mark]
    return _folded(f"{len(rows)} claims {mark}", _table(CLAIMS, rows))


def _counted(found: Comparison) -> list[str]:
    claims = text.counts(claim.mark for claim in found.claims) or "none with a run on either side"
    runs = text.counts(run.mark for run in found.runs) or "none on either side"
    return [f"**claims**: {claims}", f"**runs**: {runs}", *(_safe(note) for note in text.notes(found))]


def _claim(claim: ClaimChange) -> tuple[str, ...]:
    notes = "; ".join(part for part in (claim.note, text.causes(claim.reasons)) if part)
    mark = f"**{claim.mark}**" if claim.mark in ("verdict flipped", "worse", "new failure") else claim.mark
    return (
        _safe(claim.id),
        mark,
        text.verdicts(claim),
        text.shift(claim),
        text.p_value(claim),
        _safe(words.infinities(notes)),
    )


def _runs(found: Comparison) -> str:
    alone = [
        (_safe(run.experiment), "1", run.mark, _safe(f"{run.id}: {run.note}"))
        for run in found.runs
        if run.mark in text.ALONE
    ]
    rows = [
        (_safe(text.where(experiment, runs)), str(len(runs)), mark, _safe(text.parted(runs)))
        for experiment, mark, runs in text.groups(found)
    ]
    return _table(RUNS, [*alone, *rows])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows[:MOST]]
    more = f"\n\n... and {len(rows) - MOST} more" if len(rows) > MOST else ""
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + more


def _folded(summary: str, content: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n\n{content}\n\n</details>" if content else ""


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _safe(content: str) -> str:
    """Text that neither ends a cell nor is markup."""
    content = " ".join("".join(c if c.isprintable() else " " for c in content).split())
    for sign, instead in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        content = content.replace(sign, instead)
    return "".join(f"\\{c}" if c in "|`*_[]\\" else c for c in content)
