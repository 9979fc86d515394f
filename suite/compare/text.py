"""A comparison as plain text for a terminal."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from suite.compare import packs
from suite.compare.attribution import Reason, merged
from suite.compare.claims import ClaimChange
from suite.compare.compare import Comparison
from suite.compare.marks import MARKS, Mark, counted
from suite.compare.runs import RunChange
from suite.compare.side import NOW, Side, training
from suite.plain import columns, few, number_of
from suite.report import words
from suite.report.scoreboard import readable
from suite.spec.layout import SCALES
from suite.store.seal import MORE

FOLDED: tuple[Mark, ...] = ("missing", "new", "within noise")
"""Marks of claims that are counted by experiment instead of having a line each."""
ALONE: tuple[Mark, ...] = ("new failure", "fixed")
"""Marks of runs that get a line each; others are told of by experiment."""
SHOWN = 20
"""Lines of a kind, at most."""
ARMS = 5
"""Arms that are named, at most."""
HEAD = ("claim", "mark", "verdict", "shift [interval]", "matters from", "seeds", "p")


def text(found: Comparison, width: int, encoding: str = "utf-8") -> str:
    """Counts by mark, the claims that need a word, the runs that are not identical, and what differs; in
    characters that ``encoding`` has.
    """
    parts = (head(found), _claims(found), _quiet(found, width), _runs(found, width), _why(found, width))
    return readable("\n\n".join(part for part in parts if part) + "\n", encoding)


def head(found: Comparison) -> str:
    """The two sides, and how many runs and claims have which mark."""
    runs = counts(run.mark for run in found.runs) or "none on either side"
    claims = counts(claim.mark for claim in found.claims) or "none with a run on either side"
    before, after = packs.labels(found)
    rows = [
        ("before", before),
        ("after", after),
        ("runs", runs),
        ("claims", claims),
        *(("note", note) for note in notes(found)),
    ]
    return columns(rows)


def notes(found: Comparison) -> Iterator[str]:
    """What was not compared, and what did not count."""
    for side in (found.before, found.after):
        yield from problems(side)
    if not found.runs:
        yield from _nothing(found)
    yield from _lacking(found)
    yield from packs.notes(found)
    if found.silent:
        yield f"{number_of(found.silent, 'claim')} without a run on either side"
    if found.left_over:
        yield f"{number_of(found.left_over, 'run')} of older settings of runs compared, left out"
    if found.unread:
        yield f"the series of {number_of(found.unread, 'changed run')} were not read: there are too many"


def _lacking(found: Comparison) -> Iterator[str]:
    """Which side lacks the runs that the other alone has, and how to make them."""
    for mark, side, other in (("missing", found.after, found.before), ("new", found.before, found.after)):
        count = sum(run.mark == mark for run in found.runs)
        if count:
            command = _training(side, found.words or ("--scale", found.scale))
            trains = f": {command} trains them" if command else ""
            yield f"{mark}: {number_of(count, 'run')} that {other.name!r} has and {side.name!r} lacks{trains}"
    if found.compared and found.compared < len(found.runs):
        yield "name experiments to compare these alone"


def _training(side: Side, words: Sequence[str]) -> str:
    """The command that makes a side's results; empty where none does."""
    if side.name != NOW and not side.revision:
        return ""
    return training(words, side.name if side.revision else "")


def _nothing(found: Comparison) -> Iterator[str]:
    """The other scales at which there are results of what was asked for; or what makes some."""
    told = ", ".join(scale for scale in SCALES if scale in found.elsewhere - {found.scale})
    if told:
        yield f"no results at {found.scale} scale, but at {told}: choose with --scale"
        return
    for side in (found.before, found.after):
        command = _training(side, found.words or ("--scale", found.scale))
        if command:
            yield f"{side.name!r} has no run of these: {command} trains them"


def problems(side: Side) -> Iterator[str]:
    """The records of a side that do not count."""
    lines = [f"not compared: {problem.path}: {problem.flaw.why}" for problem in side.problems]
    yield from (f"{side.name}: {line}" for line in few(lines, SHOWN, MORE))


def counts(marks: Iterable[Mark]) -> str:
    """How many there are of each mark, in words."""
    return ", ".join(f"{count} {mark}" for mark, count in counted(marks).items())


def verdicts(claim: ClaimChange) -> str:
    """Both verdicts, or the one that both are."""
    old, new = claim.before.verdict, claim.after.verdict
    return old if old == new else f"{old} -> {new}"


def shift(claim: ClaimChange) -> str:
    """The shift with its interval; a dash where there is none."""
    return words.NONE if claim.shift is None else words.interval(claim.shift.interval)


def p_value(claim: ClaimChange) -> str:
    """The corrected p-value."""
    return words.NONE if claim.p is None else "1" if claim.p == 1 else f"{claim.p:.2g}"


def by_mark(claims: Iterable[ClaimChange]) -> list[ClaimChange]:
    """What needs a word first comes first."""
    return sorted(claims, key=lambda claim: MARKS.index(claim.mark))


def loud(found: Comparison) -> list[ClaimChange]:
    """The claims that need a word each."""
    return by_mark(claim for claim in found.claims if claim.mark not in ("identical", *FOLDED))


def groups(found: Comparison) -> Iterator[tuple[str, Mark, list[RunChange]]]:
    """The runs that are not identical and have no line of their own, by experiment and mark."""
    grouped: dict[tuple[str, Mark], list[RunChange]] = {}
    for run in found.runs:
        if run.mark not in ("identical", *ALONE):
            grouped.setdefault((run.experiment, run.mark), []).append(run)
    for (experiment, mark), runs in grouped.items():
        yield experiment, mark, runs


def where(experiment: str, runs: Iterable[RunChange]) -> str:
    """The experiment of some runs, and the arms of those that are on both sides. Arms may have commas."""
    arms = dict.fromkeys(run.arm for run in runs if run.mark not in ("missing", "new"))
    return f"{experiment}: {'; '.join(few(list(arms), ARMS, 'and {} more'))}" if arms else experiment


def parted(runs: Iterable[RunChange]) -> str:
    """How far the series of some runs part at the most, and where the first does."""
    known = [run.deviation for run in runs if run.deviation is not None]
    if not known:
        return ""
    widest = max(known, key=lambda each: each.largest)
    first = min(known, key=lambda each: each.first)
    return widest._replace(first=first.first, first_quantity=first.first_quantity).told


def causes(reasons: Sequence[Reason]) -> str:
    """The names of the causes; 'one of' where they are several."""
    names = [reason.cause for reason in reasons]
    return ", ".join(names) if len(names) < 2 else f"one of {', '.join(names)}"


def differing(found: Comparison) -> list[Reason]:
    """What differs between the two sides, by cause, each thing once."""
    all_ = [*(run.reasons for run in found.runs), *(claim.reasons for claim in found.claims)]
    return [reason for reason in merged(all_) if reason.what]


def _claims(found: Comparison) -> str:
    chosen = loud(found)
    if not chosen:
        return ""
    rows = [HEAD]
    for claim in chosen:
        smallest = words.NONE if claim.shift is None else words.number(claim.shift.smallest)
        n = words.NONE if claim.shift is None else str(claim.shift.interval.n)
        rows.append((claim.id, claim.mark, verdicts(claim), shift(claim), smallest, n, p_value(claim)))
    first, *lines = columns(rows).splitlines()
    told = [[line, *_details(claim)] for line, claim in zip(lines, chosen, strict=True)]
    return "\n".join([first, *(line for each in told for line in each)])


def _details(claim: ClaimChange) -> list[str]:
    because = f"by {causes(claim.reasons)}" if claim.reasons else ""
    return [f"    {words.infinities(part)}" for part in (claim.note, because) if part]


def _quiet(found: Comparison, width: int) -> str:
    """The claims without a line of their own, by mark, as numbers of each experiment."""
    lines = []
    for mark in FOLDED:
        names = Counter(claim.study.name for claim in found.claims if claim.mark == mark)
        if names:
            told = ", ".join(f"{name} ({count})" for name, count in names.items())
            lines.append(_wrapped(f"claims {mark}: {told}", width))
    return "\n".join(lines)


def _runs(found: Comparison, width: int) -> str:
    lines = [_wrapped(f"{run.mark}  {run.id}: {run.note}", width) for run in found.runs if run.mark in ALONE]
    lines = few(lines, SHOWN)
    for experiment, mark, runs in groups(found):
        lines.append(_wrapped(f"{number_of(len(runs), 'run')} {mark}  {where(experiment, runs)}", width))
        lines += [_wrapped(f"    {part}", width) for part in (parted(runs), _common(runs)) if part]
    return "\n".join(lines)


def _common(runs: Sequence[RunChange]) -> str:
    """What is said of several runs, each thing once."""
    return "; ".join(_few(list(dict.fromkeys(run.note for run in runs if run.note))))


def _why(found: Comparison, width: int) -> str:
    told = [_wrapped(f"{each.cause}: {'; '.join(_few(each.what))}", width) for each in differing(found)]
    return "\n".join(["what differs", *told]) if told else ""


def _few(what: Sequence[str]) -> list[str]:
    return few(what, SHOWN, "and {} more")


def _wrapped(line: str, width: int) -> str:
    lines = wrap(line, width, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False)
    return "\n".join(lines)
