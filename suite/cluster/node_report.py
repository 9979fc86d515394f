"""What the processes of the doctor's test job saw on their nodes, against what they should."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from suite.cluster.check_node import Answer, Machine
from suite.cluster.checks import Check, note, ok, wrong
from suite.cluster.profile import Profile
from suite.cluster.units import memory
from suite.data.catalogue import root
from suite.spec.places import listed


class Expected(NamedTuple):
    """What a node should see."""

    nonce: str
    copy: Path
    machine: Machine
    """The login node."""
    data: bool
    """Whether the login node has the folder of image data."""


def compared(found: Sequence[Answer | None], profile: Profile, expected: Expected) -> Iterator[Check]:
    """Every check; None stands for an answer that could not be read."""
    answers = [answer for answer in found if answer is not None]
    if len(answers) < len(found):
        yield wrong("answer", "cannot be read", "look into results/cluster/doctor, and report it")
        return
    hosts = ", ".join(dict.fromkeys(answer.machine.host for answer in answers))
    if any(answer.nonce != expected.nonce for answer in answers):
        cure = "the folder is not shared with the nodes; choose another with --results DIR"
        yield wrong("results on node", f"{hosts} reads something else there", cure)
    else:
        yield ok("results on node", f"{hosts} reads and writes there")
    yield _code(answers, expected)
    yield from _packages(answers, expected.machine)
    yield from _torch(answers, profile)
    yield _room(answers, profile)
    if expected.data and not all(answer.data for answer in answers):
        cure = "name a shared folder with --data DIR; only experiments on downloaded images need it"
        yield note("data on node", f"the folder of image data, {root()}, is not there", cure)


def _code(answers: Sequence[Answer], expected: Expected) -> Check:
    other = next((answer.code for answer in answers if Path(answer.code) != expected.copy.resolve()), "")
    if other:
        cure = "the interpreter or a line of setup puts another copy first: PYTHONPATH must win"
        return wrong("code on node", f"is taken from {other}, not from {expected.copy}", cure)
    return ok("code on node", "is taken from the frozen copy")


def _packages(answers: Sequence[Answer], here: Machine) -> Iterator[Check]:
    differences, missing = set[str](), set[str]()
    for answer in answers:
        there = answer.machine
        pairs = {"python": (there.python, here.python)}
        pairs |= {name: (there.packages.get(name, ""), own) for name, own in here.packages.items()}
        missing |= {name for name, (other, own) in pairs.items() if own and not other}
        differences |= {
            f"{name} {other} ({own} here)" for name, (other, own) in pairs.items() if other and other != own
        }
    if missing:
        cure = f"install into {answers[0].executable}, or set python to an interpreter that has all"
        yield wrong("packages on node", f"missing: {listed(missing)}", cure)
    elif differences:
        cure = "results name the versions of the node; the same environment for both is safer"
        yield note("packages on node", f"other versions: {listed(differences)}", cure)
    else:
        yield ok("packages on node", f"the same, with Python {here.python}")


def _torch(answers: Sequence[Answer], profile: Profile) -> Iterator[Check]:
    fault = next((answer.fault for answer in answers if answer.fault), "")
    if fault:
        yield wrong(
            "torch on node", fault, "install a build of torch that suits the node's system and driver"
        )
        return
    if not profile.gpus:
        return
    fewest = min(answers, key=lambda answer: len(answer.gpus)).gpus
    if len(fewest) < profile.gpus:
        cure = "a partition with GPUs? a build of torch with CUDA, of a version that suits the driver?"
        yield wrong("gpus on node", f"torch sees {len(fewest)} of {profile.gpus}", cure)
        return
    smallest = min((gpu for answer in answers for gpu in answer.gpus), key=lambda gpu: gpu.memory)
    says = f"torch sees {len(fewest)}: {smallest.name}, {smallest.memory / 1024:.0f} GiB"
    # Of a nominal 80G a card shows a little less.
    if 0.9 * profile.gpu_memory > smallest.memory:
        cure = f"set gpu_memory: {smallest.memory // 1024}G"
        yield wrong("gpus on node", f"{says}, less than gpu_memory ({memory(profile.gpu_memory)})", cure)
    else:
        yield ok("gpus on node", says)


def _room(answers: Sequence[Answer], profile: Profile) -> Check:
    cpus = min(answer.cpus for answer in answers)
    free = min((answer.memory for answer in answers if answer.memory is not None), default=None)
    disk = min(answer.disk for answer in answers)
    says = f"{cpus} CPUs to use, {_gibibytes(free)} of memory, {_gibibytes(disk)} of disk free"
    if cpus < profile.cpus:
        return note("room on node", f"{says}; the profile asks for {profile.cpus} CPUs")
    if free is not None and free < profile.memory:
        return note("room on node", f"{says}; the profile asks for {memory(profile.memory)} of memory")
    return ok("room on node", says)


def _gibibytes(amount: int | None) -> str:
    return "an unknown amount" if amount is None else f"{amount / 1024:,.1f} GiB"
