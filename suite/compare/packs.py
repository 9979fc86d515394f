"""Which versions of packs two sides have: a revision and `now` take packs as they are now."""

from collections.abc import Iterable, Iterator

from suite.compare.compare import Comparison
from suite.compare.side import NOW, Side
from suite.plain import few
from suite.store.record import Record
from suite.store.version_names import apart

SHOWN = 3
"""Versions that are named, at most."""


def labels(found: Comparison) -> tuple[str, str]:
    """Both sides for people, with the versions of the packs that their runs use."""
    before, after = found.records
    return _label(found.before, before), _label(found.after, after)


def notes(found: Comparison) -> Iterator[str]:
    """Of each pack that a revision cannot have as it was then."""
    sides = [side for side in (found.before, found.after) if side.revision or side.name == NOW]
    if not any(side.revision for side in sides):
        return
    where = "on both sides" if len(sides) > 1 else f"for {sides[0].name!r}"
    for name in sorted({name for records in found.records for name in _used(records)}):
        yield f"pack {name!r} is taken as it is now {where}{_others(name, found)}"


def _label(side: Side, records: Iterable[Record]) -> str:
    told = sorted({f"{name}.{content}" for name, all_ in _used(records).items() for content in all_})
    return ", ".join([side.label, *few([each for each in told if each not in side.label], SHOWN, "{} more")])


def _used(records: Iterable[Record]) -> dict[str, set[str]]:
    """Name to the contents of each pack that the runs use."""
    found: dict[str, set[str]] = {}
    for version in {record.code.fingerprint for record in records}:
        for name, content in apart(version)[1].items():
            found.setdefault(name, set()).add(content)
    return found


def _others(name: str, found: Comparison) -> str:
    """How to compare it with what it was; empty where there are results of nothing else."""
    taken = {record.code.fingerprint for records in found.records for record in records}
    packed = {each: each.rpartition("@")[2] for each in (*found.before.packed, *found.after.packed)}
    others = [each for each, of in packed.items() if of not in taken and name in apart(of)[1]]
    told = " or ".join(few(others, SHOWN, "{} more"))
    return f"; for what it was: compare {told} now" if told else ""
