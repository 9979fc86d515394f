"""Probes: what is measured of a cohort between iterations.

Each returns, by quantity, an array [replicas, ...]; scalars become series a metric can
refer to, the others are what figures are drawn from. Those of images are next door.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from suite.data import toy
from suite.metrics import divergence, shapes, transport
from suite.metrics.modes import coverage
from suite.objectives.losses import critic_loss, generator_loss, generator_terms
from suite.objectives.penalty import interpolate, norms
from suite.spec import schema
from suite.spec.sizes import dimension, is_image
from suite.streams import stream
from suite.training import (
    image_probes,
    label_probes,
    packed_probe,
    spectrum_probe,
    text_probes,
    truncation_probe,
)
from suite.training.bounds import Bounds, Clipping
from suite.training.cohort import Cohort
from suite.training.image_probes import Readings
from suite.training.state import State
from suite.training.view import KEPT, Array, View, host


def due(points: int, iteration: int, iterations: int) -> bool:
    """Whether a probe with ``points`` measures at ``iteration``: at the start and at ``points``
    evenly spaced iterations, the last one included; with 0 points at the last only.
    """
    if points == 0 or iterations == 0:
        return iteration == iterations
    return iteration in _schedule(points, iterations)


@lru_cache(maxsize=KEPT)
def _schedule(points: int, iterations: int) -> frozenset[int]:
    return frozenset(round(k * iterations / points) for k in range(points + 1))


def measure(cohort: Cohort, state: State, limits: Bounds) -> None:
    """Add to the log what every probe that is due has to say."""
    probes = cohort.setting.probes
    specs = {name: spec for name in PROBES if (spec := getattr(probes, name)) is not None} | probes.packs
    wanted = {
        name: spec
        for name, spec in specs.items()
        if due(spec.points, state.iteration, cohort.setting.iterations)
    }
    if not wanted:
        return
    exact, plain = View(cohort, state, limits), View(cohort, state, limits, torch.float32)
    for name, spec in wanted.items():
        probe = PROBES.get(name) or partial(packed_probe.of_pack, name)
        readings = probe(plain if name in PLAIN else exact, spec)
        state.log.add(state.iteration, {f"{name}.{key}": value for key, value in readings.items()})


def gradient_norms(view: View, spec: schema.GradientNorms) -> Readings:
    """Norm of the critic loss's gradient by each hidden activation, from input to output."""
    real, fake = view.pair(spec.samples, "gradient norms")
    rows = torch.cat([real, fake], dim=1).requires_grad_()
    activations = view.perceptron.forward(view.layers, rows)
    on_real, on_fake = activations[-1].chunk(2, dim=1)
    loss = critic_loss(view.loss, on_real, on_fake).sum()
    grads = torch.autograd.grad(loss, activations[:-1])
    # Scaled by the largest entry first: squares of 1e-200 would be lost even in float64.
    by_layer = np.stack([_scaled_norm(host(g)) for g in grads], axis=1)
    lines = [shapes.decay(row) for row in by_layer]
    return {
        "slope": np.array([each.slope for each in lines]),
        "linearity": np.array([each.linearity for each in lines]),
        "by_layer": by_layer,
    }


def _scaled_norm(gradient: Array) -> Array:
    flat = gradient.reshape(len(gradient), -1)
    largest = np.abs(flat).max(axis=1, keepdims=True)
    scale = np.where(largest > 0, largest, 1.0)
    return np.asarray(np.linalg.norm(flat / scale, axis=1) * largest[:, 0])


def weight_histogram(view: View, spec: schema.WeightHistogram) -> Readings:
    """Weights between hidden layers, biases apart; a range is the clip bound or the largest."""
    hidden = [layer.weight.flatten(1) for layer in view.layers[1:-1]]
    weights = host(torch.cat(hidden, dim=1))
    largest = np.abs(weights).max(axis=1)
    ends = host(view.limits.bound)[:, 0] if isinstance(view.limits, Clipping) else largest
    pairs = list(zip(weights, ends, strict=True))
    return {
        "edge_share": np.array([shapes.edge_share(w, end, spec.edge) for w, end in pairs]),
        "bimodality": np.array([shapes.bimodality(w) for w in weights]),
        "counts": np.stack([_counts(w, end, spec.bins) for w, end in pairs]),
        "range": ends,
    }


def _counts(weights: Array, end: float, bins: int) -> Array:
    if not np.isfinite(end):
        return np.full(bins, np.nan)
    return np.histogram(weights, bins, (-end, end))[0].astype(np.float64)


def surface(view: View, spec: schema.Surface) -> Readings:
    """Critic outputs on a grid [grid, grid] (rows are y), or on a line [grid] in one dimension."""
    axis = torch.linspace(-spec.extent, spec.extent, spec.grid, dtype=torch.float64)
    one = dimension(view.cohort.setting.data) == 1
    points = axis[:, None] if one else torch.cartesian_prod(axis, axis)[:, [1, 0]]
    x = points.to(view.cohort.device).expand(view.replicas, -1, -1)
    shape = (view.replicas, spec.grid) if one else (view.replicas, spec.grid, spec.grid)
    activations = view.perceptron.forward(view.layers, x)
    return {"values": host(activations[-1]).reshape(shape), "pieces": _pieces(view, activations[:-1])}


def _pieces(view: View, activations: list[Tensor]) -> Array:
    """How many activation patterns, and so linear pieces, the points fall into."""
    if not activations or not view.perceptron.piecewise_linear:
        return np.full(view.replicas, np.nan if activations else 1.0)
    patterns = np.packbits(torch.cat([a > 0 for a in activations], dim=2).cpu().numpy(), axis=2)
    return np.array([len({row.tobytes() for row in rows}) for rows in patterns], dtype=np.float64)


def potential(view: View, spec: schema.Potential) -> Readings:
    """The critic against the exact Kantorovich potential of held-out and fake samples."""
    real, fake = view.pair(spec.samples, "potential")
    (on_real, by_real), (on_fake, by_fake) = view.slopes(real), view.slopes(fake)
    steepest = torch.cat([norms(by_real), norms(by_fake)], dim=1).amax(dim=1)
    gap = on_real.mean(1) - on_fake.mean(1)
    exact = [_potentials(_bytes(r), _bytes(f)) for r, f in zip(host(real), host(fake), strict=True)]
    critics = host(torch.cat([on_real, on_fake], dim=1))
    targets = [np.concatenate([p.real, p.fake]) for p in exact]
    distance = np.array([p.distance for p in exact])
    return {
        "r2": np.array([_fit(c, t) for c, t in zip(critics, targets, strict=True)]),
        "duality": host(_over(gap, steepest)) / distance,
        "estimate": host(gap),
    }


def _over(gap: Tensor, steepest: Tensor) -> Tensor:
    """A mean difference for its steepest gradient; a constant critic, which has neither, has 0."""
    return torch.where(steepest == 0, 0.0, gap / steepest)


def _fit(critic: Array, target: Array) -> float:
    """R^2 of the best fit of slope zero or more: a critic of the wrong sign explains nothing."""
    if not np.isfinite(critic).all():
        return float("nan")
    if np.ptp(critic) == 0:
        return 0.0
    return max(float(np.corrcoef(critic, target)[0, 1]), 0.0) ** 2


def _bytes(points: Array) -> tuple[bytes, int]:
    return points.tobytes(), points.shape[1]


@lru_cache(maxsize=KEPT)
def _potentials(real: tuple[bytes, int], fake: tuple[bytes, int]) -> transport.Potentials:
    """Cached by content: runs with a fixed generator share their held-out samples."""
    if not np.isfinite(_points(fake)).all():
        return transport.Potentials(_points(real)[:, 0], _points(fake)[:, 0], float("nan"))
    return transport.potentials(_points(real), _points(fake))


@lru_cache(maxsize=KEPT)
def _matched(real: tuple[bytes, int], fake: tuple[bytes, int]) -> NDArray[np.int64]:
    return transport.assignment(_points(real), _points(fake))


def _points(stored: tuple[bytes, int]) -> Array:
    return np.frombuffer(stored[0]).reshape(-1, stored[1])


def _partners(real: Tensor, fake: Tensor) -> Tensor:
    """The real point that the optimal plan pairs with each fake one; NaN where a run diverged."""
    partners = [
        r[_matched(_bytes(r), _bytes(f))] if np.isfinite(f).all() else np.full_like(r, np.nan)
        for r, f in zip(host(real), host(fake), strict=True)
    ]
    return torch.from_numpy(np.stack(partners)).to(real.device)


def interpolates(view: View, spec: schema.Interpolates) -> Readings:
    """Gradient norms on held-out interpolates, and directions on optimally coupled segments."""
    real, fake = view.pair(spec.samples, "interpolates")
    share = torch.from_numpy(stream("held out", "shares").random((spec.samples, 1))).to(real.device)
    size = norms(view.slopes(interpolate(real, fake, share))[1])
    partners = _partners(real, fake)
    _, slope = view.slopes(interpolate(partners, fake, share))
    direction = torch.nn.functional.cosine_similarity(slope, partners - fake, dim=2, eps=1e-300)
    return {
        "median_norm": host(size.quantile(0.5, dim=1)),
        "variation": host(size.std(dim=1) / size.mean(dim=1)),
        "direction": host(direction.mean(dim=1)),
        "norms": host(size.sort(dim=1).values),
    }


def fake_gradients(view: View, spec: schema.FakeGradients) -> Readings:
    """What the generator gets to see: the gradient of its loss at fake samples."""
    real, fake = view.pair(spec.samples, "fake gradients")
    share = torch.linspace(0, 1, spec.samples, dtype=torch.float64, device=real.device)[:, None]
    loss = spec.loss or view.loss
    at_fake = _push(view, fake, loss)
    size = norms(at_fake)
    largest = torch.maximum(norms(_push(view, interpolate(real, fake, share), loss)), size).amax(1)
    saturated = (size < 0.01 * largest[:, None]).double().mean(1)
    partners = _partners(real, fake)
    aligned = torch.nn.functional.cosine_similarity(-at_fake, partners - fake, dim=2, eps=1e-300)
    return {
        "norm": host((size**2).mean(1).sqrt()),
        "saturated_share": host(torch.where(torch.isnan(largest), torch.nan, saturated)),
        "evenness": host(size.amin(1) / size.amax(1)),
        "alignment": host(aligned.mean(1)),
    }


def _push(view: View, x: Tensor, loss: schema.Loss) -> Tensor:
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(generator_terms(loss, view.scores(x)).sum(), x)
    return gradient


def cross_gradient(view: View, spec: schema.CrossGradient) -> Readings:
    """How much one sample's output depends on the other samples of its batch."""
    x = view.real(spec.samples, "cross gradient").requires_grad_()
    scores = view.scores(x)
    rows = [torch.autograd.grad(scores[:, i].sum(), x, retain_graph=True)[0] for i in range(spec.samples)]
    jacobian = torch.stack(rows, dim=1).abs().amax(dim=3)
    others = ~torch.eye(spec.samples, dtype=torch.bool, device=x.device)
    return {"largest": host((jacobian * others).amax(dim=(1, 2)))}


def quality(view: View, spec: schema.Quality) -> Readings:
    """Exact W1 to held-out data, and mode coverage where the data have modes."""
    real, fake = (host(t) for t in view.pair(spec.samples, "quality"))
    readings: Readings = {"w1": np.array([_w1(r, f) for r, f in zip(real, fake, strict=True)])}
    if is_image(view.cohort.setting.data):
        return readings
    readings["samples"] = fake
    if not toy.has_modes(view.cohort.setting.data):
        return readings
    many = host(view.fake(spec.mode_samples, "modes"))
    pairs = zip(view.cohort.runs, many, strict=True)
    covers = [_coverage(run.setting.data, x) for run, x in pairs]
    names = ("covered", "dropped", "good_share", "collapse")
    return readings | dict(zip(names, np.array(covers).T, strict=True))


def discrimination(view: View, spec: schema.Discrimination) -> Readings:
    """How well the sign of the output tells training from generated samples."""
    count, purpose = spec.samples, "discrimination"
    with torch.no_grad():
        on_real = view.scores(view.train(count, purpose), view.train_labels(count, purpose))
        on_fake = view.scores(view.fake(count, purpose), view.asked(count))
    right = (on_real > 0).double().mean(1) + (on_fake <= 0).double().mean(1)
    broken = torch.isnan(on_real.sum(1) + on_fake.sum(1))
    return {
        "accuracy": host(torch.where(broken, torch.nan, right / 2)),
        "js_estimate": host(np.log(2) - critic_loss("minimax", on_real, on_fake) / 2),
    }


def memorisation(view: View, spec: schema.Memorisation) -> Readings:
    """Whether the sign of the output tells training from held-out samples."""
    count, purpose = spec.samples, "memorisation"
    with torch.no_grad():
        on_train = view.scores(view.train(count, purpose), view.train_labels(count, purpose))
        on_held_out = view.scores(view.real(count, purpose), view.real_labels(count, purpose))
    train, held_out = (host(_share_above(scores)) for scores in (on_train, on_held_out))
    return {"train": train, "held_out": held_out, "gap": train - held_out}


def _share_above(scores: Tensor) -> Tensor:
    """Share of scores above zero [replicas]; NaN where one of them is."""
    return torch.where(torch.isnan(scores.sum(1)), torch.nan, (scores > 0).to(scores.dtype).mean(1))


def _w1(real: Array, fake: Array) -> float:
    return transport.w1(real, fake) if np.isfinite(fake).all() else float("nan")


def _coverage(data: schema.Data, samples: Array) -> tuple[float, ...]:
    if not np.isfinite(samples).all():
        return (float("nan"),) * 4
    return coverage(samples, toy.modes(data))


def divergences(view: View, spec: schema.Divergences) -> Readings:
    """Distances between two distributions: from their samples, and as the networks see them."""
    real, fake = view.pair(spec.samples, "divergences")
    exact = np.array([_distances(r, f) for r, f in zip(host(real), host(fake), strict=True)])
    moved = fake.requires_grad_()
    on_fake = view.scores(moved)
    on_real, by_real = view.slopes(real)
    (push,) = torch.autograd.grad(generator_loss(view.loss, on_fake).sum(), moved)
    steepest = torch.maximum(norms(by_real).amax(1), norms(view.slopes(fake)[1]).amax(1))
    theta = host(fake[:, :, 0].mean(1) - real[:, :, 0].mean(1))
    return {
        "w1": exact[:, 0],
        "w1_error": np.abs(exact[:, 0] - np.abs(theta)),
        "js": exact[:, 1],
        "kl": exact[:, 2],
        "disjoint": exact[:, 3],
        "w_estimate": host(_over(on_real.mean(1) - on_fake.mean(1), steepest)),
        "js_estimate": host(np.log(2) - critic_loss("minimax", on_real, on_fake) / 2),
        "theta": theta,
        "theta_push": np.abs(host(push[:, :, 0].sum(1))),
    }


def _distances(real: Array, fake: Array) -> tuple[float, float, float, float]:
    if not np.isfinite(fake).all():
        return (float("nan"),) * 4
    p, q = divergence.histograms(real, fake)
    return transport.w1(real, fake), divergence.js(p, q), divergence.kl(p, q), float(p[q == 0].sum())


PROBES: Mapping[str, Callable[[View, Any], Readings]] = {
    "gradient_norms": gradient_norms,
    "weight_histogram": weight_histogram,
    "surface": surface,
    "potential": potential,
    "interpolates": interpolates,
    "fake_gradients": fake_gradients,
    "cross_gradient": cross_gradient,
    "quality": quality,
    "divergences": divergences,
    "discrimination": discrimination,
    "image_quality": image_probes.image_quality,
    "label_following": label_probes.label_following,
    "truncation": truncation_probe.truncation,
    "memorisation": memorisation,
    "spectrum": spectrum_probe.spectrum,
    "inception": image_probes.inception,
    "sheet": image_probes.sheet,
    "validation": image_probes.validation,
    "ngrams": text_probes.n_grams,
    "text": text_probes.lines,
}
PLAIN = {
    "discrimination",
    "image_quality",
    "inception",
    "label_following",
    "memorisation",
    "ngrams",
    "quality",
    "sheet",
    "text",
    "truncation",
    "validation",
}
"""Probes that look at outputs only, not at derivatives: in float32, as they are in training."""
