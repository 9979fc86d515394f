"""A stand-in for a CUDA graph on a CPU, and a guard against what a graph could not record."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, UntypedStorage
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

from suite.training.turn import Shown

aten = torch.ops.aten
WAITS = {
    aten._local_scalar_dense.default: "a tensor's value is read",
    aten.is_nonzero.default: "a tensor's value is read",
    aten.equal.default: "tensors are compared by the host",
    aten.lift_fresh.default: "a tensor is made from the host's numbers",
    aten.nonzero.default: "a shape depends on values",
    aten.masked_select.default: "a shape depends on values",
    aten._unique2.default: "a shape depends on values",
    aten.unique_dim.default: "a shape depends on values",
    aten.unique_consecutive.default: "a shape depends on values",
    aten.bincount.default: "a shape depends on values",
    aten.repeat_interleave.Tensor: "a shape depends on values",
}


class Waited(AssertionError):
    """A step would have made the host wait for the device."""


class NoWaiting(TorchDispatchMode):
    """Refuses whatever makes the host wait for a device, or a graph's shapes depend on values."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if func in WAITS:
            raise Waited(f"{func}: {WAITS[func]}")
        if func in (aten.index.Tensor, aten.index_put_.default) and any(map(is_mask, args[1])):
            raise Waited(f"{func}: a shape depends on values")
        return func(*args, **(kwargs or {}))


def is_mask(index: Tensor | None) -> bool:
    return index is not None and index.dtype in (torch.bool, torch.uint8)


class Call(NamedTuple):
    """One operation, with the very tensors that it was given and that it gave."""

    func: Any
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    made: list[Tensor]
    """Where it put what it made."""

    def again(self) -> None:
        """Do it on the same memory."""
        found = self.func(*self.args, **self.kwargs)
        if self.made:
            for place, value in zip(self.made, tensors(found), strict=True):
                place.copy_(value)


class Tape(TorchDispatchMode):
    """Writes down every operation."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.own: set[int] = set()
        """The memory that was asked for on the way."""
        self.before: dict[int, tuple[UntypedStorage, UntypedStorage]] = {}
        """Memory that was there and is written to, and what it held."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        taken = {place(each) for each in tensors((args, kwargs))}
        if func._schema.is_mutable:
            self.keep(tensors((args, kwargs)))
        found = func(*args, **kwargs)
        made = [] if func._schema.is_mutable else tensors(found)
        if not (made and any(place(each) in taken for each in made)):  # A view stays what it is.
            self.calls.append(Call(func, *tree_map_only(Tensor, memory, (args, kwargs, made))))
            self.own.update(map(place, made))
        return found

    def keep(self, given: Sequence[Tensor]) -> None:
        """What memory held before it is written to."""
        for storage in (each.untyped_storage() for each in given):
            if storage._cdata not in self.own | self.before.keys():
                self.before[storage._cdata] = (storage, storage.clone())

    def undo(self) -> None:
        for storage, held in self.before.values():
            storage.copy_(held)


def memory(tensor: Tensor) -> Tensor:
    """The same memory, without a past."""
    return tensor.data


def tensors(tree: object) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]


def place(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata


class Remembered:
    """Records on a CPU: the operations and their memory, and nothing of the host."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.replays = 0

    def warm(self, work: Callable[[], Shown]) -> Shown:
        """See ``suite.training.replay.Recorder``."""
        return work()

    def record(self, work: Callable[[], Shown]) -> Shown:
        """Does the work once, and then puts back what it has changed, as a graph only writes it down."""
        with Tape() as tape:
            shown = work()
        tape.undo()
        self.calls = tape.calls
        return shown

    def replay(self) -> None:
        """See ``suite.training.replay.Recorder``."""
        self.replays += 1
        for call in self.calls:
            call.again()
