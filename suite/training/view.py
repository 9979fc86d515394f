"""A cohort at one moment, as its probes see it.

Probes work on copies with random streams of their own: they never change a result.
"""

from collections.abc import Callable
from functools import cached_property, lru_cache, partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from suite.data import images, source
from suite.networks import generators
from suite.networks.mlp import MLP, Layer
from suite.networks.network import Share, whole
from suite.networks.standing import standing
from suite.spec import schema
from suite.spec.runs import Run
from suite.spec.sizes import AT_ONCE, is_image, is_text, told
from suite.streams import stream
from suite.training.bounds import Bounds, confine
from suite.training.cohort import Cohort
from suite.training.phase import is_frozen
from suite.training.state import State

Array = NDArray[np.float64]
Noise = NDArray[np.float32]
Labels = NDArray[np.int64]
KEPT = 64
"""Samples and transport plans kept for runs that share them."""
MOST = 2**24
"""Numbers of samples that are kept of a generator that stays as it is."""


def host(tensor: Tensor) -> Array:
    """A tensor as a float64 array on the host; made there, since a GPU's memory is short."""
    return np.asarray(tensor.detach().cpu().double().numpy())


class View:
    """A cohort at one moment as its probes see it, in float64 where nothing else is said."""

    def __init__(
        self, cohort: Cohort, state: State, limits: Bounds, dtype: torch.dtype = torch.float64
    ) -> None:
        self.cohort, self.state, self.limits, self.dtype = cohort, state, limits, dtype
        self.loss = cohort.setting.loss
        self.replicas = len(cohort.runs)

    @cached_property
    def tensors(self) -> list[Tensor]:
        """The critics' parameters, clipped or projected where that is the constraint: at the start a
        critic is seen as it will be after its first step.
        """
        flat = self.state.critic.clone()
        confine(self.cohort, flat, self.limits)
        return self.cohort.critic.split(flat.to(self.dtype))

    @property
    def perceptron(self) -> MLP:
        """The critic, of a probe that looks into its layers."""
        critic = self.cohort.critic
        assert isinstance(critic, MLP)  # `suite.spec.check` sees to it.
        return critic

    @property
    def layers(self) -> list[Layer]:
        """The layers of a critic that is a perceptron."""
        return self.perceptron.layers(self.tensors)

    def scores(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Critic outputs [replicas, batch] on [replicas, batch, dimension]."""
        return self._by_pieces(partial(self.cohort.critic.outputs, self.tensors), x, labels)

    def slopes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Critic outputs, and their gradients by ``x`` [replicas, batch, dimension]."""
        x = x.detach().requires_grad_()
        scores = self.scores(x)
        (gradient,) = torch.autograd.grad(scores.sum(), x)
        return scores.detach(), gradient

    def real(self, count: int, purpose: str) -> Tensor:
        """Held-out real points, the same for every run of the same data."""
        parts = [_held_out(run.setting.data, count, purpose) for run in self.cohort.runs]
        return self._stack(parts)

    def train(self, count: int, purpose: str) -> Tensor:
        """Training samples, which a limit on the data confines."""
        parts = [_training(run.setting.data, count, purpose) for run in self.cohort.runs]
        return self._stack(parts)

    def fake(self, count: int, purpose: str) -> Tensor:
        """Generated points; a fixed source's are the same for every run that has it."""
        kept, key = self.state.fakes, (count, purpose, self.dtype)
        made = kept[key] if key in kept else self._fake(count, purpose)
        if is_frozen(self.cohort, self.state) and made.numel() <= MOST:
            kept[key] = made
        return made.detach()

    def _fake(self, count: int, purpose: str) -> Tensor:
        parts = [_fed(run.setting, count, purpose, _source(run)) for run in self.cohort.runs]
        base = self.real(count, purpose + " base")
        return self._generated(self.moments, self._stack(parts), base)

    def generated(self, noise: Noise, standing: Noise) -> Tensor:
        """Images of noise [count, latent], the same for every run; by the standing statistics of ``standing``
        [any, latent], batch by batch, unless that is empty.
        """
        share = self._moments(self._for_all(standing)) if len(standing) else whole
        return self._generated(share, self._for_all(noise), self._for_all(noise))

    @cached_property
    def moments(self) -> Share:
        """What the generator's batch normalisations go by."""
        setting, count = self.cohort.setting, self.cohort.setting.standing * self.cohort.setting.batch_size
        if not count:
            return whole
        return self._moments(self._stack([_fed(setting, count, "standing", "fed")] * self.replicas))

    def _moments(self, noise: Tensor) -> Share:
        """Standing statistics of noise [replicas, batches * batch, latent], each class asked for in turn."""
        asked, size = self.asked(noise.shape[1]), self.cohort.setting.batch_size
        labels = [None] * (noise.shape[1] // size) if asked is None else torch.split(asked, size, dim=1)
        pairs = zip(torch.split(noise, size, dim=1), labels, strict=True)
        return standing([partial(self._run, noise=part, base=part, labels=told) for part, told in pairs])

    def _generated(self, share: Share, noise: Tensor, base: Tensor) -> Tensor:
        return self._by_pieces(partial(self._run, share), noise, base, self.asked(noise.shape[1]))

    def _run(self, share: Share, noise: Tensor, base: Tensor, labels: Tensor | None) -> Tensor:
        generator = self.cohort.generator.shared(share)
        tensors = generator.split(self.state.looked_at.to(self.dtype))
        with torch.no_grad():
            return generator.generate(tensors, noise, base, labels)

    def _by_pieces(self, work: Callable[..., Tensor], x: Tensor, *others: Tensor | None) -> Tensor:
        """``work`` on rows [replicas, count, ...], of images no more than ``AT_ONCE`` at a time."""
        count = -(-x.shape[1] // AT_ONCE) if is_image(self.cohort.setting.data) else 1
        if count == 1:
            return work(x, *others)
        rows = [[None] * count if each is None else each.chunk(count, dim=1) for each in (x, *others)]
        return torch.cat([work(*piece) for piece in zip(*rows, strict=True)], dim=1)

    def _for_all(self, noise: Noise) -> Tensor:
        return torch.from_numpy(noise).to(self.cohort.device, self.dtype).expand(self.replicas, -1, -1)

    def asked(self, count: int) -> Tensor | None:
        """The classes that ``fake`` asks for [replicas, count], each in turn, where networks are told any."""
        classes = told(self.cohort.setting)
        if not classes:
            return None
        return (torch.arange(count, device=self.cohort.device) % classes).expand(self.replicas, -1)

    def real_labels(self, count: int, purpose: str) -> Tensor | None:
        """The labels of ``real``, where networks are told any."""
        return self._labels([_held_out_labels(r.setting, count, purpose) for r in self.cohort.runs])

    def train_labels(self, count: int, purpose: str) -> Tensor | None:
        """The labels of ``train``, where networks are told any."""
        return self._labels([_training_labels(r.setting, count, purpose) for r in self.cohort.runs])

    def _labels(self, parts: list[Labels]) -> Tensor | None:
        found = torch.from_numpy(np.stack(parts)).to(self.cohort.device)
        return found[..., 0] if found.shape[-1] else None

    def pair(self, count: int, purpose: str) -> tuple[Tensor, Tensor]:
        """Held-out real points and generated points, drawn apart."""
        return self.real(count, purpose), self.fake(count, purpose)

    def _stack(self, parts: list[Array]) -> Tensor:
        return torch.from_numpy(np.stack(parts)).to(self.cohort.device, self.dtype)


@lru_cache(maxsize=KEPT)
def _held_out(data: schema.Data, count: int, purpose: str) -> Array:
    return source.held_out(data, count, purpose).astype(np.float64)


@lru_cache(maxsize=KEPT)
def _fed(setting: schema.Setting, count: int, purpose: str, key: str) -> Array:
    return generators.draw(setting, stream(key, purpose), count).astype(np.float64)


def _source(run: Run) -> str:
    """Whose numbers a generator is fed: all runs' are the same, but of a fixed source of images or
    text, where nothing else would differ between seeds.
    """
    many = is_image(run.setting.data) or is_text(run.setting.data)
    fixed = many and not generators.is_trained(run.setting.generator)
    return run.id if fixed else "fed"


@lru_cache(maxsize=KEPT)
def _training(data: schema.Data, count: int, purpose: str) -> Array:
    return source.sample(data, stream("training", purpose), count).astype(np.float64)


@lru_cache(maxsize=KEPT)
def _held_out_labels(setting: schema.Setting, count: int, purpose: str) -> Labels:
    data = setting.data
    if not (told(setting) and is_image(data)):
        return np.zeros((count, 0), dtype=np.int64)
    return images.held_out_labels(data, count, purpose)[:, None]


@lru_cache(maxsize=KEPT)
def _training_labels(setting: schema.Setting, count: int, purpose: str) -> Labels:
    return source.sample_labelled(setting, stream("training", purpose), count)[1]
