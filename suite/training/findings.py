"""What a run has found, once it is trained: what its record and its files are made of."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.metrics.classifier import classifier
from suite.metrics.reduce import metric
from suite.series import Series, until
from suite.spec import schema
from suite.spec.packs.faulty import Faulty
from suite.spec.sizes import is_image
from suite.training.state import NOT_DIVERGED, State

SHEET = "sheet.images"
"""The series of images that are looked at, in grey levels."""


class Findings(NamedTuple):
    """Of one run."""

    diverged: int | None
    """The iteration at which a loss was not finite, or None."""
    series: Mapping[str, Series]
    """What was measured before it, by quantity."""
    digest: str
    """SHA-256 of the final parameters and all series."""

    @classmethod
    def of(cls, state: State, replica: int) -> "Findings":
        """Those of one run of a cohort."""
        step = int(state.diverged[replica])
        diverged = None if step == NOT_DIVERGED else step
        series = {name: until(each, diverged) for name, each in state.log.of_run(replica).items()}
        return cls(diverged, series, _digest(state, replica, series))

    @property
    def scalars(self) -> dict[str, Series]:
        """The series of one number each."""
        return {name: each for name, each in self.series.items() if each.values.ndim == 1}

    @property
    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The others, in float32, images in grey levels: they are drawn, not computed with."""
        kept: dict[str, NDArray[np.generic]] = {}
        for name, each in self.series.items():
            if each.values.ndim > 1:
                kept[name] = each.values.astype(np.uint8 if name == SHEET else np.float32)
                kept[f"{name}:iterations"] = each.iterations
        return kept

    def metrics(self, wanted: Mapping[str, schema.Metric]) -> dict[str, float]:
        """By name; NaN, all of them, of a run that diverged. Those of packs whose code fails are left out:
        the run is none the worse, and they are measured when that is mended.
        """
        if self.diverged is not None:
            return dict.fromkeys(wanted, float("nan"))
        scalars, found = self.scalars, dict[str, float]()
        for name, spec in wanted.items():
            with suppress(Faulty):
                found[name] = metric(spec, scalars)
        return found


def instruments(setting: schema.Setting) -> dict[str, str]:
    """Hashes of the trained networks that a setting's probes measure with."""
    found, probes = {}, setting.probes
    judged = (probes.image_quality, probes.label_following, probes.truncation) != (None, None, None)
    if judged and is_image(setting.data):
        found["classifier"] = classifier(setting.data).digest
    if probes.inception is not None:
        from suite.metrics.inception import weights_digest  # An extra that few machines have.

        found["inception"] = weights_digest()
    return found


def _digest(state: State, replica: int, series: Mapping[str, Series]) -> str:
    total = hashlib.sha256()
    average = () if state.average is None else (state.average,)
    for tensor in (state.critic, state.generator, *average):
        total.update(tensor[replica].cpu().numpy().tobytes())
    for name in sorted(series):
        total.update(name.encode() + series[name].iterations.tobytes() + series[name].values.tobytes())
    return total.hexdigest()
