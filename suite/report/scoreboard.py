"""The verdicts as plain text for a terminal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from textwrap import TextWrapper, indent

from suite import places
from suite.judge.assess import ClaimResult, can_decide
from suite.judge.holm import holm, overall_p
from suite.judge.values import VERDICTS
from suite.plain import columns, number_of
from suite.report import words
from suite.report.naming import dated

SMOKE = "by design it tries the plumbing and gives no verdicts; --scale desk does"
COLUMNS = ("claim", "", "verdict", "estimate [interval]", "margin", "n", "controls", "")
_ASCII = str.maketrans(
    {"✓": "+", "✗": "x", "·": ".", "∞": "inf", "–": "-", "−": "-", "±": "+-", "“": '"', "”": '"'}
)


def scoreboard(results: Sequence[ClaimResult], width: int, encoding: str = "utf-8") -> str:
    """A table for each paper and a line of counts, at most ``width`` columns wide where the
    claims' ids allow it, in characters that ``encoding`` has.
    """
    parts = [_paper(group, width, encoding) for group in by_paper(results)]
    return "\n\n".join([*parts, counts(results)])


def verdict_line(result: ClaimResult, encoding: str = "utf-8") -> str:
    """One claim, as soon as it is decided."""
    judgement = result.judgement
    mark = " (post hoc)" if result.post_hoc else ""
    reason = places.with_program_name(words.infinities(judgement.reason))
    told = f"{words.title(result)}: {words.verdict(result)}{mark}: {reason}"
    return readable(f"{words.SYMBOLS[judgement.verdict]} {told}", encoding)


def by_paper(results: Iterable[ClaimResult]) -> list[list[ClaimResult]]:
    """The results paper by paper, the oldest first, each in the order given."""
    groups: dict[str, list[ClaimResult]] = {}
    for result in results:
        groups.setdefault(result.study.paper.id, []).append(result)
    return sorted(groups.values(), key=lambda group: dated(group[0].study.paper))


def counts(results: Sequence[ClaimResult]) -> str:
    """How many claims have which verdict."""
    if not results:
        return "no claims"
    found = Counter(result.judgement.verdict for result in results)
    small = sum(bool(words.left_open(result)) for result in results)
    beside = {"inconclusive": f" ({small} left to larger scales)" if small else ""}
    told = ", ".join(f"{found[verdict]} {verdict}{beside.get(verdict, '')}" for verdict in VERDICTS)
    claims = number_of(len(results), "claim")
    scales = sorted({result.study.scale for result in results})
    if scales == ["smoke"]:
        return f"{claims} at smoke scale, none judged: {SMOKE}"
    return f"{claims} at {' and '.join(scales)} scale: {told}"


def holm_line(results: Sequence[ClaimResult]) -> str:
    """Which claims of a paper stand when the paper's claims are corrected for their number; empty where
    fewer than two have a p-value, and nothing is to be corrected. Claims that the scale cannot decide are
    none of the family.
    """
    able = [r for r in results if can_decide(r.claim, r.study.scale)]
    p_values = {words.title(r): p for r in able if (p := overall_p(r.judgement)) is not None}
    if len(p_values) < 2:
        return ""
    kept = holm(p_values)
    named = ": " + ", ".join(name for name in p_values if name in kept) if kept else ""
    stay = f"{len(kept)} stay" if len(kept) > 1 else f"{len(kept) or 'none'} stays"
    return (
        f"Each verdict above is held to an error of 5 % by itself; with all {len(p_values)} held to 5 % "
        f"together (Holm's correction), {stay} reproduced{named}"
    )


def readable(text: str, encoding: str) -> str:
    """The text in characters that ``encoding`` has, and none that steers a terminal."""
    text = "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "replace").decode(encoding)
    return text


def _paper(results: Sequence[ClaimResult], width: int, encoding: str) -> str:
    paper = results[0].study.paper
    heading = readable(f"{paper.title} ({words.venue(paper)})", encoding)
    rows = [tuple(readable(cell, encoding) for cell in _row(result)) for result in results]
    return "\n".join([heading, *_table(rows, width), *_wrapped(holm_line(results), width)])


def _wrapped(text: str, width: int) -> list[str]:
    wrapper = TextWrapper(
        width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
    )
    return wrapper.wrap(text)


def _row(result: ClaimResult) -> tuple[str, ...]:
    judgement = result.judgement
    return (
        words.title(result),
        words.SYMBOLS[judgement.verdict],
        judgement.verdict,
        words.estimate(judgement),
        words.margin(result.claim),
        str(judgement.n),
        words.controls(result),
        ", ".join(filter(None, (words.post_hoc(result), words.left_open(result)))),
    )


def _table(rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    """Aligned columns; where they are too wide, each claim on a line of its own."""
    whole = indent(columns([COLUMNS, *rows]), "  ").split("\n")
    if max(map(len, whole)) <= width:
        return whole
    details = indent(columns([COLUMNS[1:], *(row[1:] for row in rows)]), "    ").split("\n")
    folded = [line for row, detail in zip(rows, details[1:], strict=True) for line in ("  " + row[0], detail)]
    return [details[0], *folded]
