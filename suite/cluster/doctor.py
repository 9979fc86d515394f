"""What a login node can tell of a cluster and a profile: every check, none of which waits for ever."""

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from suite.cluster import folders, partitions, scheduler
from suite.cluster.checks import Check, brief, note, ok, wrong
from suite.cluster.partitions import Nodes
from suite.cluster.profile import Profile
from suite.cluster.scheduler import Silent, ask
from suite.cluster.units import duration, memory
from suite.spec.places import advice, listed
from suite.store.files import write

NEEDED: Final = ("sbatch", "srun", "squeue", "scancel", "scontrol")
USEFUL: Final = ("sinfo", "sacct", "sacctmgr")
LEAST_SPACE: Final = 100
"""MiB, below which hardly anything can be stored."""
LITTLE_SPACE: Final = 2048
LEAST_TIME: Final = 15 * 60
NOT_ASKED: Final = "not checked"


def examine(profile: Profile, results: Path) -> Iterator[Check]:
    """All checks that need no job. Those that would repeat a failure are left out."""
    found = commands()
    yield found
    if found.state != "wrong":
        answers = controller()
        yield answers
        if answers.state != "wrong":
            yield from scheduling(profile)
    yield from folder(results)


def commands() -> Check:
    """Whether SLURM's commands are on the PATH."""
    missing = [command for command in NEEDED if shutil.which(command) is None]
    if missing:
        cure = "run this on a login node of the cluster, or load its SLURM module first"
        return wrong("commands", f"not on the PATH: {', '.join(missing)}", cure)
    try:
        version = ask(["sbatch", "--version"]).strip()
    except Silent as silent:
        version = f"version unknown ({brief(silent)})"
    lacking = [command for command in USEFUL if shutil.which(command) is None]
    if lacking:
        return note("commands", f"{version}, without {', '.join(lacking)}", "some checks are left out")
    return ok("commands", version)


def controller() -> Check:
    """Whether the controller answers."""
    try:
        text = ask(["scontrol", "ping"])
    except Silent as silent:
        return wrong(
            "controller", f"no answer: {brief(silent)}", "try again later; jobs cannot be submitted now"
        )
    states = re.findall(r"^Slurmctld.* is \w+", text, re.MULTILINE)
    if not any(state.endswith(" UP") for state in states):
        says = "; ".join(states) or text.strip() or "no answer"
        return wrong("controller", says, "try again later; jobs cannot be submitted now")
    return ok("controller", "; ".join(states))


def scheduling(profile: Profile) -> Iterator[Check]:
    """What the scheduler says of the profile."""
    yield limits(profile)
    try:
        yield from partition(profile, partitions.nodes())
    except Silent as silent:
        yield note("partition", f"{NOT_ASKED}: {brief(silent)}")
    yield from account(profile)
    yield accounting()


def limits(profile: Profile) -> Check:
    """How many jobs the cluster takes."""
    try:
        found = scheduler.limits()
    except Silent as silent:
        return note("limits", f"{NOT_ASKED}: {brief(silent)}")
    says = f"arrays of up to {found.array:,} jobs"
    if found.jobs is None:
        return ok("limits", f"{says}; no limit on the jobs of one user is known")
    says += f"; up to {found.jobs:,} jobs of one user"
    if found.jobs < profile.max_jobs:
        return note(
            "limits", f"{says}, fewer than max_jobs ({profile.max_jobs:,}): the cluster's limit is kept"
        )
    return ok("limits", says)


# --- Partition ------------------------------------------------------------------------


def partition(profile: Profile, found: Sequence[Nodes]) -> Iterator[Check]:
    """Whether the partition is there, and has what the profile asks for."""
    names = {each.partition for each in found}
    unknown = [name for name in profile.partition.split(",") if name and name not in names]
    if unknown:
        yield wrong("partition", f"there is no {unknown[0]!r}", advice(unknown[0], names, "partitions"))
        return
    own = partitions.chosen(found, profile.partition)
    if not own:
        cure = f"set partition to one of {listed(names)}"
        yield wrong("partition", "the cluster has no default partition", cure)
        return
    yield _state(own)
    yield _time(profile, own)
    yield from _size(profile, own)


def _state(own: Sequence[Nodes]) -> Check:
    names = listed({each.partition for each in own})
    states = {each.partition: each.state for each in own}
    if "up" not in states.values():
        return wrong(
            "partition", f"{names}: {listed(set(states.values()))}", "choose another, or ask the cluster"
        )
    if not any(each.usable for each in own):
        return note("partition", f"{names}: all nodes are down or drained", "jobs wait until one is back")
    return ok("partition", names)


def _time(profile: Profile, own: Sequence[Nodes]) -> Check:
    longest = partitions.longest(own)
    if longest is not None and profile.time > longest:
        says = f"{duration(profile.time)} is over the partition's limit of {duration(longest)}"
        return wrong("time", says, f"set time: {duration(longest)} or less")
    if profile.time < LEAST_TIME:
        cure = f"jobs that are to go on after their limit need {duration(LEAST_TIME)} or more"
        return note("time", f"limit {duration(profile.time)}, which is short", cure)
    limit = "the partition has none" if longest is None else f"the partition's is {duration(longest)}"
    return ok("time", f"limit {duration(profile.time)}; {limit}")


def _size(profile: Profile, own: Sequence[Nodes]) -> Iterator[Check]:
    """Whether some node is large enough for what a job asks of each."""
    tasks = profile.processes // profile.nodes
    if profile.gpus:
        yield _most("gpus", profile.gpus * tasks, max(each.gpus for each in own), "gpus or processes")
    yield _most("cpus", profile.cpus * tasks, max(each.cpus for each in own), "cpus or processes")
    # Clusters that do not count memory say 1.
    if (most := max(each.memory for each in own)) > 1:
        asked = memory(profile.memory)
        if profile.memory > most:
            cure = f"set memory: {memory(most)} or less, or choose another partition"
            yield wrong("memory", f"{asked} a node; the largest node has {memory(most)}", cure)
        else:
            yield ok("memory", f"{asked} a node, of up to {memory(most)}")


def _most(name: str, asked: int, most: int, keys: str) -> Check:
    if asked > most:
        cure = f"lower {keys}, or choose another partition"
        return wrong(name, f"{asked} a node; the largest node has {most or 'none'}", cure)
    return ok(name, f"{asked} a node, of up to {most}")


# --- Accounts -------------------------------------------------------------------------


def account(profile: Profile) -> Iterator[Check]:
    """Whether this user may use the account and the quality of service."""
    if not (profile.account or profile.qos):
        return
    try:
        user = scheduler.user()
        rows = _associations(user)
    except Silent as silent:
        yield note("account", f"{NOT_ASKED}, without accounting: {brief(silent)}")
        return
    if not rows:
        yield note("account", f"{NOT_ASKED}: accounting names none for {user}")
        return
    yield from _named("account", profile.account, {row[0] for row in rows})
    yield from _named("qos", profile.qos, {name for row in rows for name in row[1].split(",") if name})


def _associations(user: str) -> list[list[str]]:
    command = ["sacctmgr", "-n", "-P", "show", "assoc", f"user={user}", "format=Account,QOS"]
    return [line.split("|") for line in ask(command).splitlines() if line.count("|") == 1]


def _named(key: str, name: str, known: Iterable[str]) -> Iterator[Check]:
    known = {each.lower() for each in known}
    if name and name.lower() in known:
        yield ok(key, name)
    elif name:
        yield wrong(key, f"{name!r} is not yours", advice(name, known, "yours"))


def accounting() -> Check:
    """Whether sacct tells how jobs ended."""
    try:
        ask(["sacct", "-X", "-n", "-P", "-j", "1", "-o", "JobID,State"])
    except Silent as silent:
        says = f"sacct does not answer: {brief(silent)}"
        lost = (
            "a job that left the queue without results counts as lost, and why it ended (memory, time limit) "
            "is not told"
        )
        return note("accounting", says, lost)
    return ok("accounting", "sacct answers")


# --- The results folder ---------------------------------------------------------------


def folder(results: Path) -> Iterator[Check]:
    """Whether results can be written, have room, and are likely to be seen by the nodes."""
    probe = results / "cluster" / "doctor" / "probe"
    try:
        write(probe, b"probe")
        probe.unlink()
        free = shutil.disk_usage(results).free // 2**20
    except OSError as error:
        cure = "choose another folder with --results DIR"
        yield wrong("results", f"{results}: cannot be written: {error.strerror}", cure)
        return
    yield _space(results, free)
    yield shared(results, folders.here(results))


def _space(results: Path, free: int) -> Check:
    says = f"{results}: {free / 1024:,.1f} GiB free"
    if free < LEAST_SPACE:
        return wrong("results", says, "make room, or choose another folder with --results DIR")
    return note("results", says, "that may not be enough") if free < LITTLE_SPACE else ok("results", says)


def shared(results: Path, kind: str) -> Check:
    """Whether a folder on such a file system is likely to be seen by the nodes."""
    cure = "the test job tells; if it fails choose a shared folder with --results DIR"
    if kind in folders.IN_MEMORY:
        return note("file system", f"{kind}, which other machines cannot see", cure)
    if results.parts[:2] in (("/", "tmp"), ("/", "dev")) or results.parts[:3] == ("/", "var", "tmp"):
        return note("file system", f"{results} is usually each machine's own", cure)
    if kind in folders.SHARED:
        return ok("file system", f"{kind}, shared between machines")
    return note(
        "file system", f"{kind or 'unknown'}: whether the nodes see it cannot be told from here", cure
    )
