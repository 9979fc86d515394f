"""Why two records of a run differ: in what was asked, in how it was measured, in where and by what it was
trained; noise, where in none of these.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from suite.compare.marks import CAUSES, Cause
from suite.errors import UserError
from suite.plain import few
from suite.report.settings import flat
from suite.spec.schema import Setting
from suite.store.record import Code, Environment, Record

PROBES: Final = "probes."
DRAWING: Final = frozenset({"seaborn", "pandas"})
"""Packages that no result depends on."""
NONE: Final = "none"
SHOWN: Final = 5
"""Commits that are named one by one."""

Why = Callable[[Record, Record], tuple["Reason", ...]]
"""See ``reasons``."""
Between = Callable[[str, str], Sequence[tuple[str, str]]]
"""Hash and subject of the commits between two, of those that can affect a result."""


class Reason(NamedTuple):
    """A cause that a change may have."""

    cause: Cause
    what: tuple[str, ...]
    """What exactly differs, one thing each."""

    @property
    def told(self) -> str:
        """The cause and all that differs, on one line."""
        return f"{self.cause} ({'; '.join(self.what)})" if self.what else self.cause


def reasons(before: Record, after: Record, between: Between) -> tuple[Reason, ...]:
    """All that differs between two records of one run whose results differ."""
    changed = changes(before.run.setting, after.run.setting)
    found = (
        Reason("spec", tuple(text for key, text in changed.items() if not key.startswith(PROBES))),
        Reason("protocol", tuple(_protocol(changed, before, after))),
        Reason("environment", tuple(_environment(before.environment, after.environment))),
        Reason("code", tuple(_code(before.code, after.code, between))),
    )
    return tuple(reason for reason in found if reason.what) or (Reason("noise", ()),)


def merged(all_: Iterable[Sequence[Reason]]) -> tuple[Reason, ...]:
    """The reasons of several runs as one list: noise only where nothing else is."""
    what: dict[Cause, dict[str, None]] = {}
    for reason in (reason for each in all_ for reason in each):
        what.setdefault(reason.cause, {}).update(dict.fromkeys(reason.what))
    if len(what) > 1:
        what.pop("noise", None)
    return tuple(Reason(cause, tuple(what[cause])) for cause in CAUSES if cause in what)


def changes(before: Setting, after: Setting) -> dict[str, str]:
    """Dotted key to ``key: old -> new``, of each part of the setting that differs."""
    if before == after:
        return {}
    old, new = flat(before), flat(after)
    keys = [key for key in {**old, **new} if old.get(key, NONE) != new.get(key, NONE)]
    return {key: f"{key}: {old.get(key, NONE)} -> {new.get(key, NONE)}" for key in keys}


def commits() -> Between:
    """The commits between two of this checkout's; none where git does not know them."""

    @cache
    def between(first: str, last: str) -> Sequence[tuple[str, str]]:
        from suite.revisions.commits import commits_between

        try:
            return commits_between(first, last)
        except UserError:
            return []

    return between


def _protocol(changed: dict[str, str], before: Record, after: Record) -> Iterator[str]:
    yield from (text for key, text in changed.items() if key.startswith(PROBES))
    for name in sorted(before.instruments.keys() & after.instruments.keys()):
        old, new = before.instruments[name], after.instruments[name]
        if old != new:
            yield f"measured with another {name}: {old} -> {new}"


def _environment(before: Environment, after: Environment) -> Iterator[str]:
    if before == after:
        return
    for name in ("python", "platform", "processor", "device", "threads", "deterministic", "processes"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield f"{name}: {old} -> {new}"
    for name in sorted((before.packages.keys() | after.packages.keys()) - DRAWING):
        old, new = before.packages.get(name) or NONE, after.packages.get(name) or NONE
        if old != new:
            yield f"{name} {old} -> {new}"


def _code(before: Code, after: Code, between: Between) -> Iterator[str]:
    if before.fingerprint == after.fingerprint:
        return
    found = between(before.commit, after.commit) if before.commit and after.commit else ()
    yield f"{before.fingerprint} -> {after.fingerprint}"
    yield from few([f"{commit[:10]} {subject}" for commit, subject in found], SHOWN, "{} more commits")
    if before.patch != after.patch:
        yield "uncommitted changes"
