"""About how long a batch takes on one core."""

from collections.abc import Sequence

from suite.launch.flops import flops_of_run
from suite.spec.runs import Run
from suite.spec.schema import Setting

FLOPS_A_SECOND = 4e10
"""Of the matrix products of a step, its other work counted in (measured, benchmarks/engine.py)."""
CALL_SECONDS = 9e-6
"""Of one tensor operation of any size."""
PROBE_SECONDS = {"quality": 0.06, "interpolates": 0.05, "fake_gradients": 0.06, "divergences": 0.25}
"""Of one measurement of one run, where it is not small."""


def seconds(runs: Sequence[Run]) -> float:
    """Estimated seconds of a batch of runs of one shape."""
    setting = runs[0].setting
    steps = setting.warmup + setting.iterations * (setting.critic_steps + 1)
    calls = steps * (40 + 14 * setting.critic.layers) * CALL_SECONDS
    return calls + len(runs) * (flops_of_run(setting) / FLOPS_A_SECOND + _probing(setting))


def _probing(setting: Setting) -> float:
    spent = 0.0
    for name, cost in PROBE_SECONDS.items():
        probe = getattr(setting.probes, name)
        spent += 0.0 if probe is None else cost * (probe.points + 1)
    return spent
