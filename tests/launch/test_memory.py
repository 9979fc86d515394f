"""The memory of training, against counts by hand and the networks' own."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from suite.launch import gpu
from suite.launch.batches import REPLICAS
from suite.launch.memory import COPIES, fitting, megabytes, replicas
from suite.networks.generators import network_of
from suite.networks.image import ImageNetwork
from suite.spec import schema
from suite.spec.sizes import classes, image_shape
from tests.training.settings import setting


def test_two_perceptrons_by_hand() -> None:
    """Weights of 2 x 8 + 8 x 8 + 8 x 1 and of 3 x 8 + 8 x 8 + 8 x 2; two of three layers are hidden."""
    small = setting(
        data=schema.EightGaussians(),
        critic=schema.MLPCritic(layers=3, width=8),
        generator=schema.MLPGenerator(layers=3, width=8, latent=3),
        batch_size=10,
    )
    small = msgspec.structs.replace(small, probes=schema.Probes())
    parameters, outputs = (16 + 64 + 8) + (24 + 64 + 16), 3 * 8 + 3 * 8 + 2
    trained = 6 * parameters + 3 * 10 * 4 * outputs
    assert megabytes(small) == pytest.approx(4 * trained / 2**20)
    for probe, points in (
        (schema.Probes(interpolates=schema.Interpolates(samples=512)), 512),
        (schema.Probes(interpolates=schema.Interpolates(), surface=schema.Surface(grid=81)), 81 * 81),
    ):
        probed = msgspec.structs.replace(small, probes=probe)
        assert megabytes(probed) == pytest.approx(4 * (trained + 2 * points * 3 * 8) / 2**20)


@pytest.mark.parametrize(
    ("critic", "generator"),
    [
        (schema.DCGANCritic(width=4), schema.DCGANGenerator(width=4, latent=5)),
        (schema.ResNetCritic(width=4), schema.ResNetGenerator(width=4, latent=5)),
    ],
)
def test_what_does_not_grow_with_the_batch_is_the_parameters(
    critic: schema.Critic, generator: schema.Generator
) -> None:
    small = setting(data=schema.Digits(), critic=critic, generator=generator, batch_size=8)
    large = msgspec.structs.replace(small, batch_size=16)
    made, judge = (
        network_of(small),
        ImageNetwork.of_critic(critic, image_shape(small.data), classes(small.data)),
    )
    assert made is not None
    fixed = 2 * megabytes(small) - megabytes(large)
    assert fixed == pytest.approx(4 * COPIES * (made.parameters + judge.parameters) / 2**20)
    assert megabytes(msgspec.structs.replace(large, accumulate=2)) == pytest.approx(megabytes(small))


def test_probes_of_many_images_take_memory_piece_by_piece() -> None:
    """16 x 16 images, and of 500 at once five times DCGAN's largest layer, of 8 x 8 places and 4 filters."""
    critic, generator = schema.DCGANCritic(width=4), schema.DCGANGenerator(width=4, latent=5)
    small = setting(data=schema.Digits(), critic=critic, generator=generator, batch_size=1)
    probed = msgspec.structs.replace(small, probes=schema.Probes(inception=schema.Inception(samples=50_000)))
    alone = msgspec.structs.replace(small, probes=schema.Probes())
    by_hand = 3 * 50_000 * 256 + 500 * 5 * 8 * 8 * 4
    assert megabytes(probed) - megabytes(alone) == pytest.approx(4 * by_hand / 2**20)


def test_a_gpu_trains_as_many_as_its_memory_holds() -> None:
    toy = setting()
    assert fitting(toy, 10 * megabytes(toy)) == 8
    assert fitting(toy, megabytes(toy) / 2) == 1


# --- The GPU of this machine --------------------------------------------------------------


def told(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str, status: int = 0) -> float:
    """The memory where the driver's command says these lines."""
    command = folder / "nvidia-smi"
    command.write_text("#!/bin/sh\n" + "".join(f"echo {line}\n" for line in lines) + f"exit {status}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    gpu.memory.cache_clear()
    return gpu.memory()


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    real = gpu.memory
    yield
    real.cache_clear()


def test_the_driver_tells_the_smallest_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(tmp_path, monkeypatch, "143771", "81559") == 81559
    assert gpu.workers() == 1
    assert told(tmp_path, monkeypatch, "No devices were found", status=6) == 0
    assert told(tmp_path, monkeypatch, "[N/A]") == 0
    assert gpu.workers() == len(os.sched_getaffinity(0))


@pytest.mark.parametrize(("visible", "found"), [("", 0), ("-1", 0), ("0", 81559)])
def test_a_hidden_gpu_is_none(
    visible: str, found: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(tmp_path, monkeypatch, "81559")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    gpu.memory.cache_clear()
    assert gpu.memory() == found


def test_a_driver_that_never_answers_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "PATIENCE", 0.2)
    assert told(tmp_path, monkeypatch, "143771; exec /bin/sleep 60") == 0


def test_workers_share_the_gpus_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    toy = setting()
    monkeypatch.setattr(gpu, "memory", lambda: 40.001 * megabytes(toy))
    assert replicas(toy, 1) == 32
    assert replicas(toy, 4) == 8
    monkeypatch.setattr(gpu, "memory", lambda: 0.0)
    assert replicas(toy, 1) == REPLICAS
