"""Probes that packs bring."""

from collections.abc import Mapping

import numpy as np

from suite.errors import UserError
from suite.spec.packs.code import code, declared_probe
from suite.spec.schema import PackProbe
from suite.training.image_probes import Readings
from suite.training.view import Array, View


def of_pack(use: str, view: View, spec: PackProbe) -> Readings:
    """What a pack's probe says. UserError where that is not what its pack declares, or lacks replicas."""
    found = code("probes", use, spec.options)(view, spec)
    if not isinstance(found, Mapping):
        what = "None" if found is None else type(found).__name__
        raise UserError(f"probe {use!r} gave {what}, not a dictionary of arrays\n    mend what it returns")
    readings = {str(name): _array(use, name, value, view.replicas) for name, value in found.items()}
    for name in declared_probe(use).quantities:
        shape = readings[name].shape if name in readings else None
        if shape != (view.replicas,):
            what = "nothing" if shape is None else f"shape {[*shape]}"
            raise UserError(
                f"probe {use!r} gave {what} for its quantity {name!r}, not shape [{view.replicas}]\n"
                "    give one number a replica, or take it out of the quantities in pack.yaml"
            )
    return readings


def _array(use: str, name: object, value: object, replicas: int) -> Array:
    """As numbers, a row a replica."""
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise UserError(
            f"probe {use!r} gave no array of numbers for {name!r}: {error}\n"
            "    of a tensor, give host(tensor) of suite.training.view"
        ) from error
    if array.shape[:1] != (replicas,):
        raise UserError(
            f"probe {use!r} gave shape {[*array.shape]} for {name!r}, not [{replicas}, ...]\n"
            "    give a row a replica, in their order"
        )
    return array
