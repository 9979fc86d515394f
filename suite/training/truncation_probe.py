"""Images of truncated noise: what a threshold costs in variety and brings in fidelity."""

import numpy as np

from suite.metrics.classifier import classifier
from suite.metrics.ranks import rank_correlation
from suite.metrics.truncation import (
    FULL,
    LESS_PRECISE,
    MEANINGS,
    MORE_SATURATED,
    READ,
    THRESHOLDS,
    Meaning,
    Noise,
    truncated,
)
from suite.spec import schema
from suite.spec.sizes import classes, is_image
from suite.streams import stream
from suite.training.image_probes import QUALITIES, Readings, held_out, quality_of
from suite.training.view import Array, View, host

PURPOSE = "truncation"


def truncation(view: View, spec: schema.Truncation) -> Readings:
    """Curves [replicas, meanings, thresholds, ``READ``], and numbers that are read off them."""
    curves = np.stack([_along(view, spec.samples, meaning) for meaning in MEANINGS], axis=1)
    without = _read(view, _drawn(view, spec.samples, None, 1.0))
    made = dict(zip(MEANINGS, np.moveaxis(curves, 1, 0), strict=True))
    return {"curves": curves, "without": without, **_trends(made["resample"]), **_numbers(made, without)}


def _along(view: View, samples: int, meaning: Meaning) -> Array:
    """Readings at each threshold, [replicas, thresholds, ``READ``]."""
    return np.stack([_read(view, _drawn(view, samples, meaning, each)) for each in THRESHOLDS], axis=1)


def _drawn(view: View, samples: int, meaning: Meaning | None, threshold: float) -> Array:
    """Images of noise that is truncated so, or not at all, [replicas, samples, dimension]."""
    setting = view.cohort.setting
    standing = setting.standing * setting.batch_size
    rng = stream("fed", PURPOSE)

    def noise(count: int) -> Noise:
        assert isinstance(setting.generator, schema.ConvGenerator | schema.MLPGenerator)
        shape = count, setting.generator.latent
        if meaning is None:
            return rng.standard_normal(shape, dtype=np.float32)
        return truncated(meaning, threshold, rng, shape)

    return host(view.generated(noise(samples), noise(standing)))


def _read(view: View, images: Array) -> Array:
    """[replicas, ``READ``]."""
    data = view.cohort.setting.data
    assert is_image(data)  # `suite.spec.biggan_checks` sees to it, and to the kind of the generator.
    judge, seen = classifier(data), held_out(data, images.shape[1])
    rows = np.array([quality_of(judge, seen, fake, classes(data)) for fake in images])
    known = rows[:, [QUALITIES.index(name) for name in READ[:-1]]]
    return np.column_stack([known, _saturated(images)])


def _saturated(images: Array) -> Array:
    """Share of saturated pixels [replicas]; NaN where one is."""
    full = (np.abs(images) > FULL).mean((1, 2))
    return np.where(np.isnan(images).any((1, 2)), np.nan, full)


def _trends(curve: Array) -> Readings:
    tighter = -np.array(THRESHOLDS)
    return {
        f"{name}_trend": np.array([_trend(tighter, of_run) for of_run in _column(curve, name)])
        for name in ("score", "precision", "diversity", "recall")
    }


def _trend(tighter: Array, values: Array) -> float:
    """None is seen in values that are all the same."""
    return 0.0 if np.ptp(values) == 0 else rank_correlation(tighter, values)


def _numbers(made: dict[Meaning, Array], without: Array) -> Readings:
    curve, distance = made["resample"], _column(made["resample"], "frechet")
    varied = {meaning: _column(of_one, "diversity") for meaning, of_one in made.items()}
    half, quarter, widest = (THRESHOLDS.index(each) for each in (0.5, 0.25, 2.0))
    precision = _column(curve, "precision")[:, half] - _column(without, "precision")
    full = _column(curve, "saturated")[:, half], _column(without, "saturated")
    return {
        "saturation": _over(*full),
        "amenable": amenable(*full, precision),
        "score_gain": _over(_column(curve, "score")[:, half], _column(without, "score")),
        "precision_gain": precision,
        "diversity_left": _over(varied["resample"][:, quarter], varied["resample"][:, widest]),
        "rise": _over(distance[:, -1], distance.min(1)),
        "best": np.where(np.isfinite(distance).all(1), np.array(THRESHOLDS)[distance.argmin(1)], np.nan),
        "clamp_varies": _over(varied["clamp"][:, half], varied["resample"][:, half]),
        "scale_varies": _over(varied["scale"][:, half], varied["resample"][:, half]),
        "scale_distance": _over(_column(made["scale"], "frechet")[:, widest], distance[:, widest]),
    }


def amenable(full: Array, before: Array, precision: Array) -> Array:
    """1 where truncation does no harm, else 0; NaN of a run that diverged."""
    fine = (full <= MORE_SATURATED * before) & (precision >= -LESS_PRECISE)
    return np.where(np.isnan(full + before + precision), np.nan, fine)


def _column(readings: Array, name: str) -> Array:
    return np.asarray(readings[..., READ.index(name)])


def _over(one: Array, other: Array) -> Array:
    """A ratio; NaN where what it is over is nothing."""
    return np.divide(one, other, out=np.full_like(one, np.nan), where=other != 0)
