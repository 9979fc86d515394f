"""The auxiliary classifier's losses against torch's cross-entropy."""

import pytest
import torch
from torch.nn import functional

from suite.networks.image import ImageNetwork
from suite.objectives.auxiliary import Told, cross_entropy, of_critic, of_generator
from suite.objectives.gradient import Penalty, by_autograd
from suite.spec import schema
from tests.objectives.means import loss

SCORES = torch.linspace(-40, 90, 24, dtype=torch.float64).sin().view(2, 4, 3) * 30
LABELS = torch.tensor([[0, 1, 2, 1], [2, 2, 0, 1]])
LOSS = torch.tensor([1.0, -2.0], dtype=torch.float64)


def test_cross_entropy_is_torchs() -> None:
    expected = [functional.cross_entropy(s, y) for s, y in zip(SCORES, LABELS, strict=True)]
    torch.testing.assert_close(cross_entropy(SCORES, LABELS), torch.stack(expected))


def test_its_gradient_is_the_probabilities_less_the_label() -> None:
    scores = SCORES.clone().requires_grad_()
    cross_entropy(scores, LABELS).sum().backward()
    expected = (SCORES.softmax(2) - functional.one_hot(LABELS, 3)) / 4
    torch.testing.assert_close(scores.grad, expected)


@pytest.mark.parametrize("on_fakes", [True, False])
def test_parts_are_weighted(on_fakes: bool) -> None:
    told = Told(LABELS, schema.Auxiliary(critic=2.0, generator=0.1, on_fakes=on_fakes))
    on_real, on_fake = cross_entropy(SCORES, LABELS), cross_entropy(-SCORES, LABELS)
    expected = LOSS + 2 * (on_real + on_fake if on_fakes else on_real)
    torch.testing.assert_close(of_critic(LOSS, told, SCORES, -SCORES), expected)
    torch.testing.assert_close(of_generator(LOSS, told, -SCORES), LOSS + 0.1 * on_fake)


def test_without_labels_or_an_output_for_them_nothing_is_added() -> None:
    told, none = Told(LABELS, schema.Auxiliary()), SCORES[:, :, :0]
    for given, scores in ((None, SCORES), (told, none)):
        assert of_critic(LOSS, given, scores, scores) is LOSS
        assert of_generator(LOSS, given, scores) is LOSS


@pytest.mark.parametrize("labels", ["concatenate", "auxiliary", "projection"])
def test_a_told_critics_gradient_is_that_of_differences(labels: str) -> None:
    """Penalty, auxiliary part and labels together."""
    spec = schema.DCGANCritic(width=2, normalization="none", activation="tanh", labels=labels)
    network = ImageNetwork.of_critic(spec, (8, 8, 1), 3)
    rng = torch.Generator().manual_seed(0)
    flat, direction, real, fake, points = (
        torch.randn(2, *shape, generator=rng, dtype=torch.float64)
        for shape in ((network.parameters,), (network.parameters,), (4, 64), (4, 64), (4, 64))
    )
    column = torch.ones(2, 1, dtype=torch.float64)
    extra = Penalty(points, 10 * column, -column)
    told = Told(LABELS, schema.Auxiliary())

    def at(step: float):
        return by_autograd(network, 0.2 * flat + step * direction, "hinge", real, fake, extra, told)

    slope = (at(0.0).flat * direction).sum(1)
    torch.testing.assert_close((loss(at(1e-6)) - loss(at(-1e-6))) / 2e-6, slope, rtol=1e-4, atol=1e-6)
