"""Data sets that packs bring, tried before anything is trained on them: all chance is the generator's."""

import numpy as np

from suite.data import packed
from suite.errors import UserError
from suite.launch.placed import placed
from suite.spec import schema
from suite.spec.packs.faulty import about
from suite.streams import stream

POINTS = 256
CURE = "draw all that is random from `rng`, which sample is handed, and nothing from numpy.random or torch"


def try_data(setting: schema.Setting) -> None:
    """UserError for a pack's data set that gives other points of equal generators; with the place where it is
    made.
    """
    spec = setting.data
    if not isinstance(spec, schema.PackData):
        return
    with placed("data", spec.use, f"tried with {POINTS} points"):
        first, again = (np.array(packed.sample(spec, stream("protocol", "trial"), POINTS)) for _ in range(2))
        if not np.array_equal(first, again, equal_nan=True):
            what = f"{about('data', spec.use)}: sample gave other points of an equal `rng`"
            raise UserError(f"{what}\n    {CURE}")
