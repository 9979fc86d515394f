"""A comparison with the committed reference in a few lines: what a run ends with."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from suite.compare.claims import RULE, ClaimChange
from suite.compare.compare import Comparison, compare
from suite.compare.noise import floors_of
from suite.compare.side import NOW, REFERENCE, Side
from suite.compare.text import by_mark, differing, verdicts
from suite.plain import columns, few
from suite.report.scoreboard import readable
from suite.store.record import Record
from suite.store.reference import Head, machine, nearest
from suite.store.series import series_of
from suite.store.store import Store
from suite.study import Study

SHOWN = 10
"""Claims that are named, and things that differ between the two places, at most."""
ALONE = ("missing", "new")
"""Marks of what one side alone has."""


class Beside(NamedTuple):
    """A comparison with the reference, and what that is."""

    head: Head
    made: Sequence[str]
    """The commits and the machines of the reference's runs."""
    found: Comparison


def beside(studies: Sequence[Study], records: Mapping[str, Record], store: Store) -> Beside | None:
    """What there is of some studies, all of one scale, beside the reference at that scale; None where that is
    not there or has nothing of them, or where overrides vary them. UserError where it cannot be read.
    """
    whole = [study for study in studies if not study.variant]
    reference = nearest(store.root, whole[0].scale) if whole else None
    if reference is None:
        return None
    asked = {study: {run.id for run in study.all_runs()} for study in whole}
    both = reference.records.keys() & records.keys()
    shared = [study for study in whole if asked[study] & both]
    if not shared:
        return None
    mine = {run_id for study in shared for run_id in asked[study]}
    before = Side(REFERENCE, f"release {reference.head.release}", _only(reference.records, mine))
    after = Side(NOW, "now", _only(records, mine), partial(series_of, store))
    found = compare(shared, before, after, floors_of(store.root, (before, after)), lambda *_: ())
    return Beside(reference.head, _made(before.records.values()), found)


def told(one: Beside, again: str, encoding: str = "utf-8") -> str:
    """The lines: which reference, how many runs have equal bits and claims an equal verdict, and which have
    not; ``again`` is the command that tells more.
    """
    runs = [run.mark for run in one.found.runs if run.mark not in ALONE]
    every = [claim for claim in one.found.claims if claim.mark not in ALONE]
    claims = [claim for claim in every if claim.before.verdict != "not evaluated"]
    without = f" ({len(every) - len(claims)} are measured otherwise now)" if len(every) > len(claims) else ""
    other = by_mark(claim for claim in claims if claim.before.verdict != claim.after.verdict)
    rows = [
        ("reference", f"release {one.head.release}, {one.head.scale} scale, code {one.head.fingerprint}"),
        *(("", line) for line in one.made),
        ("runs", f"{runs.count('identical'):,} of {len(runs):,} have the same bits{_lone(one.found)}"),
        ("claims", f"{len(claims) - len(other)} of {len(claims)} have the same verdict{without}"),
        *(("", line) for line in few([_changed(claim) for claim in other], SHOWN)),
        *(("differs", line) for line in few(_differing(one.found), SHOWN)),
        ("more", again),
    ]
    return readable(
        f"Beside the reference\n{columns([('  ' + name, text) for name, text in rows])}\n", encoding
    )


def _changed(claim: ClaimChange) -> str:
    return f"{claim.id}: {verdicts(claim)} ({claim.mark})"


def _differing(found: Comparison) -> list[str]:
    """What differs between where the two were trained, of runs that are not identical, and in claims."""
    every = [(reason.cause, what) for reason in differing(found) for what in reason.what]
    rules = sum(what.startswith(RULE) for _, what in every)
    others = [f"{cause}: {what}" for cause, what in every if not what.startswith(RULE)]
    return [*others, *([f"rules of claims: {rules} are others now"] if rules else [])]


def _lone(found: Comparison) -> str:
    here, there = (sum(run.mark == mark for run in found.runs) for mark in ("new", "missing"))
    told_ = [f"{count:,} only {where}" for count, where in ((here, "here"), (there, "there")) if count]
    return f" ({', '.join(told_)})" if told_ else ""


def _made(records: Iterable[Record]) -> list[str]:
    places = {(record.code.commit[:10] or "none", machine(record)) for record in records}
    return few([f"trained at commit {commit}, on {where}" for commit, where in sorted(places)], SHOWN)


def _only(records: Mapping[str, Record], names: Iterable[str]) -> dict[str, Record]:
    return {name: records[name] for name in sorted(names) if name in records}
