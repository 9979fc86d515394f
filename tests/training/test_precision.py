"""Lower precision is what a spec asks for, and never what a device does by itself."""

import subprocess
import sys

import msgspec
import pytest
import torch

from suite.spec.runs import Run
from suite.training.bounds import bounds
from suite.training.cohort import Cohort
from suite.training.draws import critic_draws, generator_draws, steps_of
from suite.training.loop import critic_step, generator_step
from suite.training.precision import products_in, refuse_tf32
from suite.training.state import start
from tests.training.families import FAMILIES, runs_of
from tests.training.settings import CPU, run, setting, trained

IN_A_WORKER = """\
from multiprocessing import Pipe
from suite.launch.worker import work
ours, its = Pipe()
ours.close()
work(its)
import torch
cudnn = torch.backends.cudnn
print(torch.backends.cuda.matmul.fp32_precision, cudnn.conv.fp32_precision, cudnn.rnn.fp32_precision)
"""


def flags() -> tuple[str, str]:
    return torch.backends.cuda.matmul.fp32_precision, torch.backends.cudnn.conv.fp32_precision


def test_a_worker_refuses_tf32() -> None:
    """torch itself takes it for convolutions."""
    answer = subprocess.run([sys.executable, "-c", IN_A_WORKER], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["ieee"] * 3


def test_tf32_is_for_as_long_as_it_is_asked_for() -> None:
    refuse_tf32()
    with products_in("float32", CPU):
        assert flags() == ("ieee", "ieee")
    with products_in("tf32", CPU):
        assert flags() == ("tf32", "tf32")
    assert flags() == ("ieee", "ieee")
    with pytest.raises(ZeroDivisionError), products_in("tf32", CPU):
        raise ZeroDivisionError
    assert flags() == ("ieee", "ieee")


def test_the_precision_of_before_leaves_identities_as_they_are() -> None:
    plain = run()
    assert "precision" not in msgspec.to_builtins(plain.setting)
    assert run(precision="float32").id == plain.id
    assert len({run(precision=p).id for p in ("float32", "tf32", "bfloat16")}) == 3


@pytest.mark.parametrize("family", FAMILIES)
def test_gradients_in_bfloat16_point_where_those_in_float32_do(family: str) -> None:
    cohort = Cohort.of(runs_of(family), CPU)
    found = []
    for precision in ("float32", "bfloat16"):
        state, limits = start(cohort), bounds(cohort)
        with products_in(precision, CPU):
            move = critic_step(cohort, state, limits, next(steps_of(critic_draws(cohort, 0))))
            before = state.generator.clone()
            loss = generator_step(cohort, state, next(steps_of(generator_draws(cohort, 0))))
        assert move.gradient.flat.dtype == move.gradient.losses.dtype == torch.float32
        assert loss is None or loss.dtype == torch.float32
        found.append((move.gradient.flat.clone(), state.generator - before))
    (exact, _), (rough, _) = found
    assert not torch.equal(exact, rough)
    assert torch.nn.functional.cosine_similarity(exact, rough).min() > 0.9
    assert torch.isfinite(found[1][1]).all()


def test_a_run_asks_for_its_precision() -> None:
    exact = run(iterations=2)
    same_streams = type("Rough", (Run,), {"id": property(lambda _: exact.id)})
    rough = same_streams(
        **{**msgspec.structs.asdict(exact), "setting": setting(precision="bfloat16", iterations=2)}
    )
    one, other = trained(exact).critic, trained(rough).critic
    assert not torch.equal(one, other)
    torch.testing.assert_close(one, other, rtol=0, atol=1e-2)
    assert not torch.is_autocast_enabled("cpu")
