"""The cluster's partitions, as sinfo tells of them."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from suite.cluster.sbatch_options import gpus
from suite.cluster.scheduler import ask
from suite.cluster.units import on_clock

_FORMAT: Final = "%P|%a|%l|%c|%m|%G|%T"
_OUT: Final = ("down", "drain", "fail", "inval", "unknown")
"""How the states of nodes begin that take no jobs."""


class Nodes(NamedTuple):
    """Nodes of one kind in a partition."""

    partition: str
    default: bool
    """Whether jobs that name no partition go there."""
    state: str
    """up, down, drain or inact: of the partition."""
    limit: int | None
    """Of a job, in seconds; None where there is none."""
    cpus: int
    memory: int
    """MiB; 1 where the cluster does not say."""
    gpus: int
    usable: bool
    """Whether they take jobs, now or once they are free."""


def nodes() -> list[Nodes]:
    """All nodes, by partition and kind. Raises Silent."""
    return read(ask(["sinfo", "--noheader", "--exact", f"--format={_FORMAT}"]))


def read(text: str) -> list[Nodes]:
    """What sinfo printed."""
    rows = (line.strip().split("|") for line in text.splitlines())
    return [_nodes(*row) for row in rows if len(row) == _FORMAT.count("|") + 1]


def _nodes(partition: str, state: str, limit: str, cpus: str, memory: str, gres: str, nodes: str) -> Nodes:
    return Nodes(
        partition=partition.removesuffix("*"),
        default=partition.endswith("*"),
        state=state,
        limit=on_clock(limit),
        cpus=int(cpus) if cpus.isdecimal() else 0,
        memory=int(memory) if memory.isdecimal() else 0,
        gpus=gpus(gres) or 0,
        usable=not nodes.startswith(_OUT),
    )


def chosen(found: Iterable[Nodes], partition: str) -> list[Nodes]:
    """The nodes that a job may run on; ``partition`` may name several, or none for the default."""
    names = partition.split(",")
    return [each for each in found if (each.partition in names if partition else each.default)]


def longest(found: Sequence[Nodes]) -> int | None:
    """The longest limit in seconds, None where a partition has none."""
    limits = [each.limit for each in found if each.limit is not None]
    return max(limits, default=None) if len(limits) == len(found) else None
