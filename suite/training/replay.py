"""Iterations run one by one, or recorded once and replayed: a CUDA graph takes one call for what are
hundreds of small kernels, each of which takes longer to ask for than to run.

What is replayed reads and writes the same memory every time, and knows nothing of the host. So all that
changes from iteration to iteration is in memory that keeps its place: parameters, moments and counts of
steps in ``State``, and the draws, which are copied to where the recorded iteration looks for them. What
the host decides is the phase, and each has a recording of its own.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from warnings import warn

import torch

from suite.networks.tape import tapes_of
from suite.spec import schema
from suite.training.cohort import Cohort
from suite.training.phase import Phase, phase
from suite.training.state import State
from suite.training.turn import Shown, Turn

WARM = 3
"""Iterations of a phase that are run before one is recorded: libraries set themselves up in the first."""
AHEAD = 2
"""Blocks that the host may be ahead of the device: enough that it never waits, and few draws to hold."""

Work = Callable[[Turn], Shown]


class Steps(Protocol):
    """How iterations are run."""

    def take(self, turn: Turn) -> Shown:
        """Run the next iteration. Of what it has shown, the next one may overwrite all but the losses."""
        ...

    def rest(self) -> None:
        """After each block of iterations."""
        ...


class Recorder(Protocol):
    """What can record work and do it again, on the same memory."""

    def warm(self, work: Callable[[], Shown]) -> Shown:
        """Do the work, so that it can be recorded later."""
        ...

    def record(self, work: Callable[[], Shown]) -> Shown:
        """Record the work, whether or not that does it; what it shows is where ``replay`` puts it."""
        ...

    def replay(self) -> None:
        """Do the recorded work."""
        ...


@dataclass(frozen=True)
class Direct:
    """One by one: the plain way, to which the other must come."""

    work: Work

    def take(self, turn: Turn) -> Shown:
        """See ``Steps``."""
        return self.work(turn)

    def rest(self) -> None:
        """See ``Steps``."""


class Recording:
    """An iteration of one phase, and where it looks for its draws."""

    def __init__(self, work: Work, recorder: Recorder, first: Turn) -> None:
        self.work, self.recorder, self.turn = work, recorder, first.clone()
        self.warmed = 0
        self.shown: Shown | None = None

    def take(self, turn: Turn) -> Shown:
        """Run it on these draws."""
        for place, values in zip(self.turn.tensors, turn.tensors, strict=True):
            place.copy_(values)
        if self.warmed == WARM:
            self.shown = self._recorded()
        self.warmed += 1
        if self.shown is None:
            return self.recorder.warm(self._once)
        self.recorder.replay()
        return self.shown.kept()

    def _recorded(self) -> Shown | None:
        """What the recorded iteration shows; None where it cannot be recorded, which changes nothing."""
        # Tapes of before are forgotten in time, and their memory is given to others: this one makes its
        # own, which live as long as it does.
        tapes_of.cache_clear()
        try:
            return self.recorder.record(self._once)
        except RuntimeError as error:
            tapes_of.cache_clear()
            first = str(cause(error)).partition("\n")[0]
            warn(f"iterations are not recorded but run one by one, which is slower: {first}", stacklevel=2)
            return None

    def _once(self) -> Shown:
        return self.work(self.turn)


def cause(error: BaseException) -> BaseException:
    """What went wrong first: the end of a recording has an error of its own where one came before."""
    return error if error.__context__ is None else cause(error.__context__)


@dataclass
class Replayed:
    """Recorded anew in each phase: one that is over does not come again, and its recording is not kept, which
    holds the memory of an iteration.
    """

    work: Work
    phase: Callable[[], Phase]
    recorder: Callable[[], Recorder]
    current: tuple[Phase, Recording] | None = None

    def take(self, turn: Turn) -> Shown:
        """See ``Steps``."""
        now = self.phase()
        if self.current is None or self.current[0] != now:
            self.settle()
            self.current = None  # Before the next one takes memory.
            self.current = now, Recording(self.work, self.recorder(), turn)
        return self.current[1].take(turn)

    def settle(self) -> None:
        """Before a recording is given up, which may still be at work."""

    def rest(self) -> None:
        """See ``Steps``."""


@dataclass
class Queued(Replayed):
    """On a device that works through what the host asks for later: the host is kept from running far
    ahead, without the device ever having nothing to do.
    """

    ends: deque[torch.cuda.Event] = field(default_factory=deque)

    def settle(self) -> None:
        """See ``Replayed``."""
        torch.cuda.synchronize()

    def rest(self) -> None:
        """See ``Steps``."""
        end = torch.cuda.Event()  # type: ignore[no-untyped-call]
        end.record()
        self.ends.append(end)
        if len(self.ends) > AHEAD:
            self.ends.popleft().synchronize()


class CudaGraph:
    """Records on a CUDA device."""

    def __init__(self) -> None:
        self.graph = torch.cuda.CUDAGraph()
        self.side = torch.cuda.Stream()  # type: ignore[no-untyped-call]

    def warm(self, work: Callable[[], Shown]) -> Shown:
        """See ``Recorder``. On a side stream, where it will be recorded too."""
        self.side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.side):
            shown = work()
        torch.cuda.current_stream().wait_stream(self.side)
        return shown

    def record(self, work: Callable[[], Shown]) -> Shown:
        """See ``Recorder``. The work is not done."""
        usual = torch.cuda.current_stream()
        try:
            with torch.cuda.graph(self.graph, stream=self.side):
                return work()
        finally:  # Where it fails, PyTorch 2.11 goes on with the other stream.
            torch.cuda.set_stream(usual)

    def replay(self) -> None:
        """See ``Recorder``."""
        self.graph.replay()


def steps(cohort: Cohort, state: State, work: Work) -> Steps:
    """How the iterations of a cohort are run."""
    if reason_to_run_directly(cohort):
        return Direct(work)
    return Queued(work, lambda: phase(cohort, state), CudaGraph)


def reason_to_run_directly(cohort: Cohort) -> str:
    """Why a cohort's iterations cannot be recorded; empty where they can."""
    if cohort.device.type != "cuda":
        return "only a CUDA device records"
    if cohort.team.size > 1:
        return "the processes of a team exchange numbers in each step, and wait for each other"
    if has_foreign_code(cohort.setting):
        return "what a pack's code does is not known"
    return ""


def has_foreign_code(setting: schema.Setting) -> bool:
    """Whether code of a pack has a part in the steps."""
    parts = (setting.loss, setting.constraint, setting.critic, setting.generator)
    return any(isinstance(part, schema.Packed) for part in parts)
