"""Which runs share a batch, how batches are cut and in what order they go."""

import pytest

from suite.launch.batches import REPLICAS, Batch, batches, ordered, shape
from suite.launch.estimate import seconds
from suite.launch.flops import flops_of_run, products
from suite.launch.shapes import Perceptron
from suite.networks import architectures
from suite.networks.blocks import flops
from suite.spec import schema
from suite.spec.runs import Run
from tests.training.settings import ADAM, RMSPROP, image_run, run, setting

MATE = {
    "bound": {"constraint": schema.Clip(bound=0.1)},
    "other bound": {"constraint": schema.Clip(bound=0.2)},
    "weight": {"constraint": schema.GradientPenalty(weight=1)},
    "side": {"constraint": schema.GradientPenalty(sided="one")},
    "rate": {"optimizer": schema.Adam(lr=2e-3)},
    "start": {"critic": schema.MLPCritic(layers=3, width=16, initialization=schema.HeInit())},
    "deviation": {"data": schema.EightGaussians(deviation=0.1)},
}
STRANGER = {
    "constraint": {"constraint": schema.Unconstrained()},
    "optimiser": {"optimizer": RMSPROP},
    "generator's optimiser": {"generator_optimizer": RMSPROP},
    "data": {"data": schema.SwissRoll()},
    "width": {"critic": schema.MLPCritic(layers=3, width=8)},
    "layers": {"critic": schema.MLPCritic(layers=4, width=16)},
    "activation": {"critic": schema.MLPCritic(layers=3, width=16, activation="tanh")},
    "normalisation": {"critic": schema.MLPCritic(layers=3, width=16, normalization="layer")},
    "generator": {"generator": schema.NoisyData()},
    "latent": {"generator": schema.MLPGenerator(layers=3, width=16, latent=3)},
    "loss": {"loss": "minimax"},
    "batch size": {"batch_size": 8},
    "critic steps": {"critic_steps": 1},
    "warm-up": {"warmup": 1},
    "iterations": {"iterations": 31},
    "probes": {"probes": schema.Probes(step_cosine=schema.StepCosine())},
    "freezing": {"freeze_at": 10},
    "freezing the critic": {"freeze": schema.Freeze("critic", 10)},
    "output": {"generator": schema.MLPGenerator(layers=3, width=16, output="tanh")},
}
GENERATOR, CRITIC = schema.DCGANGenerator, schema.DCGANCritic
OWN_OF_IMAGES = {
    "limit": ({"data": schema.Digits(limit=10)}, {"data": schema.Digits(limit=20)}),
    "noise": ({"data": schema.Digits()}, {"data": schema.Digits(dequantize=True)}),
    "level": ({"generator": schema.Disturbed(level=0.1)}, {"generator": schema.Disturbed(level=0.2)}),
    "how": ({"generator": schema.Disturbed()}, {"generator": schema.Disturbed(how="blur")}),
    "start": (
        {"critic": CRITIC(width=2)},
        {"critic": CRITIC(width=2, initialization=schema.DCGANInit())},
    ),
}
STRANGE_OF_IMAGES = {
    "generator's kernel": ({"generator": GENERATOR(width=2)}, {"generator": GENERATOR(width=2, kernel=5)}),
    "generator's bias": ({"generator": GENERATOR(width=2)}, {"generator": GENERATOR(width=2, bias=True)}),
    "constant": ({"generator": GENERATOR(width=2)}, {"generator": GENERATOR(width=2, constant=True)}),
    "gates": ({"generator": GENERATOR(width=2)}, {"generator": GENERATOR(width=2, activation="gated")}),
    "kernel": ({"critic": CRITIC(width=2)}, {"critic": CRITIC(width=2, kernel=5)}),
    "bias": ({"critic": CRITIC(width=2)}, {"critic": CRITIC(width=2, bias=True)}),
    "blocks": ({"critic": schema.DeepResNetCritic(blocks=4)}, {"critic": schema.DeepResNetCritic(blocks=5)}),
    "depth": ({"critic": schema.BigGANCritic(width=1)}, {"critic": schema.BigGANCritic(width=1, depth=2)}),
    "kind": ({"critic": CRITIC(width=2)}, {"critic": schema.ResNetCritic(width=2)}),
    "source": ({"generator": schema.OneEach()}, {"generator": schema.Resampled()}),
    "data": ({"data": schema.Digits()}, {"data": schema.MNIST()}),
}


def named(experiment: str, seed: int = 10) -> Run:
    return Run(experiment=experiment, scale="desk", arm="a", seed=seed, setting=setting())


@pytest.mark.parametrize("case", ["weight", "side", "rate", "start", "deviation"])
def test_settings_that_each_replica_has_of_its_own_share_a_batch(case: str) -> None:
    assert shape(setting(**MATE[case])) == shape(setting())
    assert len(batches([run(10), run(11, **MATE[case])], {})) == 1


def test_clip_bounds_share_a_batch() -> None:
    assert shape(setting(**MATE["bound"])) == shape(setting(**MATE["other bound"]))


@pytest.mark.parametrize("case", STRANGER)
def test_settings_of_another_shape_do_not(case: str) -> None:
    assert shape(setting(**STRANGER[case])) != shape(setting())
    assert len(batches([run(10), run(11, **STRANGER[case])], {})) == 2


@pytest.mark.parametrize("case", OWN_OF_IMAGES)
def test_what_each_replica_on_images_has_of_its_own_shares_a_batch(case: str) -> None:
    """That such a batch gives the bits of each alone, test_image_batching has shown."""
    first, second = OWN_OF_IMAGES[case]
    assert len(batches([image_run(10, **first), image_run(11, **second)], {})) == 1


@pytest.mark.parametrize("case", STRANGE_OF_IMAGES)
def test_networks_of_other_shapes_do_not(case: str) -> None:
    first, second = STRANGE_OF_IMAGES[case]
    assert len(batches([image_run(10, **first), image_run(11, **second)], {})) == 2


def test_experiments_and_progress_do_not_mix() -> None:
    assert len(batches([named("a/a"), named("a/b")], {})) == 2
    runs = [run(seed) for seed in range(10, 14)]
    found = batches(runs, {runs[1].id: 20, runs[3].id: 20})
    assert [[r.seed for r in batch.runs] for batch in found] == [[10, 12], [11, 13]]


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(0, []), (1, [1]), (REPLICAS, [12]), (REPLICAS + 1, [6, 7]), (25, [8, 9, 8]), (36, [12, 12, 12])],
)
def test_batches_are_equal_parts_in_the_order_of_the_seeds(count: int, sizes: list[int]) -> None:
    runs = [run(seed) for seed in range(10, 10 + count)]
    found = batches(runs, {})
    assert [len(batch.runs) for batch in found] == sizes
    assert [r for batch in found for r in batch.runs] == runs


def test_the_cheapest_experiment_goes_first_then_the_longest_batch() -> None:
    found = [
        Batch((named("a/long", 10),), 5.0),
        Batch((named("a/short", 10),), 2.0),
        Batch((named("a/long", 11),), 9.0),
        Batch((named("a/short", 11),), 4.0),
    ]
    assert [batch.seconds for batch in ordered(found)] == [4.0, 2.0, 9.0, 5.0]
    assert ordered([]) == []


def test_weights_are_counted_by_hand() -> None:
    assert Perceptron(layers=3, width=4, inputs=2, outputs=1).weights == 2 * 4 + 4 * 4 + 4 * 1
    assert Perceptron(layers=1, width=99, inputs=2, outputs=1).weights == 2
    assert Perceptron(layers=2, width=4, inputs=2, outputs=1).weights == 12


def test_operations_are_counted_by_hand() -> None:
    """28 critic weights and 32 of the generator, 5 real and 5 fake rows, 3 iterations of 2 steps."""
    small = setting(
        generator=schema.MLPGenerator(layers=3, width=4),
        critic=schema.MLPCritic(layers=3, width=4),
        constraint=schema.Unconstrained(),
        batch_size=5,
        iterations=3,
        critic_steps=2,
        warmup=1,
    )
    critic_step = 10 * 28 * 6 + 5 * 32 * 2
    generator_step = 5 * (32 * 6 + 28 * 4)
    assert flops_of_run(small) == 7 * critic_step + 3 * generator_step


def test_operations_on_images_are_counted_by_hand() -> None:
    """Two levels from 16 x 16 to 4 x 4: kernels of 4 x 4 at each of 8 x 8 and of 4 x 4 places, and back."""
    critic = 16 * (1 * 2 * 64 + 2 * 4 * 16) + 4 * 16
    generator = 5 * 4 * 16 + 16 * (4 * 2 * 16 + 2 * 1 * 64)
    made = GENERATOR(width=2, latent=5)
    rest = {"batch_size": 6, "iterations": 3, "critic_steps": 2, "warmup": 1}
    penalised = image_run(generator=made, critic=CRITIC(width=2), **rest).setting
    step, move = 12 * critic * 10 + 6 * generator * 2, 6 * (generator * 6 + critic * 4)
    assert flops_of_run(penalised) == 7 * step + 3 * move
    clip = {"constraint": schema.Clip(bound=0.1), "optimizer": RMSPROP}
    fixed = image_run(generator=schema.Disturbed(), critic=CRITIC(width=2), **rest, **clip).setting
    assert flops_of_run(fixed) == 7 * 12 * critic * 6


def test_operations_of_images_and_perceptrons_are_counted_by_hand() -> None:
    """256 pixels; the resnet's numbers are those of its own blocks."""
    generator, critic = schema.MLPGenerator(layers=2, width=3, latent=5), schema.ResNetCritic(width=4)
    mixed = image_run(generator=generator, critic=critic, batch_size=1, iterations=1, critic_steps=1).setting
    by_critic = flops(architectures.critic(critic, (16, 16, 1))) / 2
    by_generator = 5 * 3 + 3 * 256
    assert flops_of_run(mixed) == 2 * (10 * by_critic + by_generator) + 6 * by_generator + 4 * by_critic


def test_a_frozen_generator_costs_no_more_steps() -> None:
    whole, frozen, late = (flops_of_run(setting(freeze_at=at)) for at in (None, 10, 40))
    critic, generator = products(setting())
    assert whole - frozen == 20 * 16 * (6 * generator + 4 * critic)
    assert late == whole


def test_one_frozen_while_the_critic_goes_on_costs_no_more_steps_either() -> None:
    whole = flops_of_run(setting())
    anew, on, critic = (
        flops_of_run(setting(**changes))
        for changes in (
            {"freeze_at": 10},
            {"freeze": schema.Freeze("generator", 10)},
            {"freeze": schema.Freeze("critic", 10)},
        )
    )
    assert (on, critic) == (anew, whole)


def test_a_fixed_generator_costs_nothing_and_a_penalty_something() -> None:
    critic, _ = products(setting())
    fixed = setting(generator=schema.NoisyData(), constraint=schema.Clip(bound=0.1))
    assert flops_of_run(fixed) == 30 * 2 * 32 * critic * 6
    penalised = setting(generator=schema.NoisyData())
    assert flops_of_run(penalised) == 30 * 2 * 32 * critic * 10


def test_more_work_is_estimated_to_take_longer() -> None:
    base = seconds([run()])
    assert 0 < base < seconds([run(), run(11)]) < 2 * base
    probes = schema.Probes(quality=schema.Quality(points=5))
    for more in ({"iterations": 60}, {"critic_steps": 4}, {"batch_size": 64}, {"probes": probes}):
        assert seconds([run(optimizer=ADAM, **more)]) > base
