"""Processes that train one cohort together, each with its own part of every batch.

Each holds the whole state and draws the same numbers. It works out gradients of its own rows only; their
mean over the team is the gradient of the batch, to rounding, and has the same bits in every process, so
that parameters stay equal without being sent.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed import TCPStore  # type: ignore[attr-defined]
from torch.distributed.distributed_c10d import PrefixStore, Store

from suite.errors import UserError

TIMEOUT = 600.0
"""Seconds that a process waits for the others before it gives up: more than the longest probe takes."""
REASON = "reason"
PLACE = ("RANK", "MASTER_ADDR", "MASTER_PORT")


class Lost(Exception):
    """Another process of the team failed, died or did not answer in time: nothing can be exchanged."""


@dataclass(frozen=True)
class Team:
    """The place of this process among ``size``, from 0; alone, where nothing else is said.

    All processes must ask for the same exchanges in the same order. Each raises ``Lost`` where another
    process does not take part. Alone, nothing is exchanged, and nothing copied.
    """

    rank: int = 0
    size: int = 1
    notes: Store | None = None
    """What processes tell each other outside of the exchanges."""

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes."""
        return self.rank == 0

    def rows(self, draws: Tensor) -> Tensor:
        """The part of batches [steps, replicas, batch, ...] that is this process's; the size divides them."""
        if self.size == 1:
            return draws
        # A copy, so that the others' rows need not be kept.
        return draws.chunk(self.size, dim=2)[self.rank].contiguous()

    def mean(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """The means over the team of float tensors of the same shapes in all processes, in one exchange."""
        if self.size == 1:
            return tensors
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        with _answers():
            dist.all_reduce(flat)
        flat /= self.size
        parts = torch.split(flat, [tensor.numel() for tensor in tensors])
        return tuple(part.view_as(tensor) for part, tensor in zip(parts, tensors, strict=True))

    def share(self, mean: Tensor) -> Tensor:
        """The mean over the team of each number of a tensor; can be differentiated, twice too."""
        shared: Tensor = _Mean.apply(mean, self)
        return shared

    def any(self, *flags: bool) -> tuple[bool, ...]:
        """Of each flag, whether any process has raised it."""
        if self.size == 1:
            return flags
        votes = torch.tensor(flags, dtype=torch.uint8)
        with _answers():
            dist.all_reduce(votes, dist.ReduceOp.MAX)
        return tuple(bool(vote) for vote in votes.tolist())

    def same(self, digest: bytes) -> bool:
        """Whether all processes hold the same bytes, of one length."""
        if self.size == 1:
            return True
        mine = torch.frombuffer(bytearray(digest), dtype=torch.uint8)
        every = [torch.empty_like(mine) for _ in range(self.size)]
        with _answers():
            dist.all_gather(every, mine)
        return all(torch.equal(mine, each) for each in every)

    def wait(self) -> None:
        """Wait until all processes have come here."""
        self.any(False)

    def tell(self, error: Exception) -> None:
        """Leave word of an error of this process's own, for those that will miss it."""
        if self.notes is not None:
            with suppress(RuntimeError):
                self.notes.set(REASON, f"process {self.rank} of {self.size}: {type(error).__name__}: {error}")

    def told(self) -> str:
        """What another process said before it left; empty where it said nothing."""
        with suppress(RuntimeError):
            if self.notes is not None and self.notes.check([REASON]):
                return str(self.notes.get(REASON), "utf-8")
        return ""


SOLO = Team()


class _Mean(torch.autograd.Function):
    """The mean over a team, which is its own adjoint: each process goes back from its own loss, what all
    minimise is the mean of them, and so the gradient by a process's number is the mean of those by the
    mean.
    """

    @staticmethod
    def forward(ctx: Any, mine: Tensor, team: Team) -> Tensor:
        ctx.team = team
        return team.mean(mine)[0]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        team: Team = ctx.team
        return team.share(gradient), None


@contextmanager
def gathered(name: str) -> Iterator[Team]:
    """The team of this process, for as long as it is at work on what is called ``name``.

    Its place is in the variables RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT and LOCAL_RANK; where they
    tell of no other process, it is alone. A name must not be used twice. Raises ``Lost``, with what the
    others left word of, where one of them does not come within ``TIMEOUT`` or fails on the way.
    """
    if size() == 1:
        yield SOLO
        return
    with _answers():
        team = _gather(name)
    try:
        yield team
    except Lost as error:
        raise Lost(team.told() or str(error)) from error
    except Exception as error:
        team.tell(error)
        raise
    finally:
        # It closes the connections, which is how the others hear at once that this process has left.
        dist.destroy_process_group()


def size() -> int:
    """How many processes the environment says there are."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Which of them this one is, from 0."""
    return int(os.environ.get("RANK", "0")) if size() > 1 else 0


def leads() -> bool:
    """Whether this is the process that writes."""
    return rank() == 0


@contextmanager
def _answers() -> Iterator[None]:
    """An exchange; what torch raises where it fails becomes ``Lost``."""
    try:
        yield
    except RuntimeError as error:
        first = str(error).partition("\n")[0]
        raise Lost(f"a process of the team died or did not answer: {first}") from error


def _gather(name: str) -> Team:
    missing = [variable for variable in PLACE if variable not in os.environ]
    if missing:
        raise UserError(
            f"environment: WORLD_SIZE is {size()}, but {missing[0]} is not set\n"
            f"    set {', '.join(PLACE)} too, or unset WORLD_SIZE to train in one process"
        )
    backend = "gloo"
    if torch.cuda.is_available():
        # Without it a lost process would make NCCL end this one, without a word. Flags and digests lie
        # in the processor's memory, and take the other way.
        os.environ.setdefault("TORCH_NCCL_BLOCKING_WAIT", "1")
        torch.cuda.set_device(own_gpu(int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()))
        backend = "cpu:gloo,cuda:nccl"
    notes = PrefixStore(name, _meeting_point())
    limit = timedelta(seconds=TIMEOUT)
    dist.init_process_group(backend, store=notes, rank=rank(), world_size=size(), timeout=limit)
    return Team(rank(), size(), notes)


def own_gpu(place: int, gpus: int) -> int:
    """The GPU of a process, by its place among those on its machine. UserError where there is none for it."""
    if gpus > 1 and place >= gpus:
        raise UserError(
            f"environment: LOCAL_RANK is {place}, and there are {gpus} GPUs: each process needs its own\n"
            f"    start no more than {gpus} processes on a machine, or ask for more GPUs"
        )
    # Where each process is shown its own GPU alone, that is the first.
    return min(place, gpus - 1)


@cache
def _meeting_point() -> Store:
    """Kept by process 0 for as long as it lives; the others look for it."""
    store: Store = TCPStore(
        os.environ["MASTER_ADDR"],
        int(os.environ["MASTER_PORT"]),
        is_master=leads(),
        timeout=timedelta(seconds=TIMEOUT),
        wait_for_workers=False,
    )
    return store
