"""The example pack: its formulas by hand, and both its experiments from training to report."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from suite.networks.mlp import MLP
from suite.series import Series
from suite.spec.packs.code import code, made
from suite.spec.packs.faults import pack_faults
from suite.spec.packs.found import packs
from tests.cli.calls import Place
from tests.packs.conftest import EXAMPLE

NAME = "spectral-normalization"


@pytest.fixture(autouse=True)
def example(load: Callable[..., None]) -> None:
    load(EXAMPLE)


def test_both_experiments_run_at_smoke_scale_and_are_reported(place: Place) -> None:
    valid = place.call("validate", f"{NAME}/*")
    assert valid.out == "2 of 2 experiment files are valid\n"
    answer = place.call("run", f"{NAME}/*", "--scale", "smoke", "--quiet")
    assert answer.status == 0, answer
    assert "5 claims at smoke scale" in answer.out
    figures = place.results / "report" / "smoke" / "figures"
    for drawn in ("singular-values--smoke--spectra", "aggressive-rates--smoke--rates"):
        assert len(list(figures.glob(f"{NAME}-{drawn}-*.png"))) == 1
    assert len(list(place.results.glob("runs/*/*/record.json"))) == 6 + 12
    assert len(list(place.results.glob(f"runs/*+{NAME}.*/*/record.json"))) == 6 + 4


def test_it_has_all_that_it_declares() -> None:
    (only,) = packs()
    assert list(pack_faults(only)) == []


def orthonormal(weight: float, *matrices: torch.Tensor) -> float:
    """The penalty of a critic with these weights [inputs, outputs]."""
    sizes = (matrices[0].shape[0], *(m.shape[1] for m in matrices))
    network = MLP(sizes, "relu", "none")
    tensors = [t for m in matrices for t in (m[None], torch.ones(1, 1, m.shape[1]))]
    rule = made("constraints", f"{NAME}/orthonormal", {"weight": weight})
    return float(rule.penalty(network, tensors, None))


def test_orthonormal_weights_cost_nothing() -> None:
    tall = torch.linalg.qr(torch.randn(5, 3, generator=torch.Generator().manual_seed(0)))[0]
    assert orthonormal(1.0, tall, torch.tensor([[0.6], [0.8], [0.0]])) == pytest.approx(0, abs=1e-10)


def test_the_penalty_by_hand() -> None:
    """Singular values 2 and 3 are 3 and 8 too large in their squares; a last column of length 1 is none."""
    weights = torch.diag(torch.tensor([2.0, 3.0])), torch.tensor([[1.0], [0.0]])
    assert orthonormal(0.5, *weights) == pytest.approx(0.5 * (3**2 + 8**2))


def test_the_smaller_product_counts() -> None:
    wide = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert orthonormal(1.0, wide, torch.tensor([[1.0], [0.0], [0.0]])) == 0


def test_log_area_by_hand() -> None:
    """100 to 1 over 10 iterations, then 1 for 30: (1 * 10 + 0 * 30) / 40."""
    area = code("metrics", f"{NAME}/log_area", {})
    series = Series(np.array([0, 10, 40]), np.array([100.0, 1.0, 1.0]))
    assert area(series) == pytest.approx(0.25)
    assert code("metrics", f"{NAME}/log_area", {"base": 100.0})(series) == pytest.approx(0.125)
    assert np.isnan(area(Series(np.array([0, 1]), np.array([1.0, 0.0]))))
    assert np.isnan(area(Series(np.array([0]), np.array([1.0]))))


def test_singular_values_by_hand() -> None:
    """Squares 4, 4 and 2 over 4 are 1, 1 and 0.5: five sixths of the directions count."""
    turned = torch.linalg.qr(torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(0)))[0].double()
    weight = turned @ torch.diag(torch.tensor([2.0, 2.0, 2.0**0.5], dtype=torch.float64))
    weight[1] = torch.nan
    found = code("probes", f"{NAME}/singular_values", {})(view_of(weight), None)
    assert found["breadth"][0] == pytest.approx(5 / 6)
    assert found["evenness"][0] == pytest.approx(0.5**0.5)
    np.testing.assert_allclose(found["values"][0], [[2, 2, 2**0.5]], rtol=1e-5)
    assert all(np.isnan(values[1]).all() for values in found.values())


def view_of(weight: torch.Tensor) -> object:
    """Critics [replicas] with this first layer, and a second of one output, which is left out."""
    from types import SimpleNamespace

    replicas, rows, columns = weight.shape
    network = MLP((rows, columns, 1), "relu", "none")
    ones = [torch.ones(replicas, *shape) for shape in ((1, columns), (columns, 1), (1, 1))]
    return SimpleNamespace(cohort=SimpleNamespace(critic=network), tensors=[weight, *ones], replicas=replicas)


def test_nothing_of_it_is_known_to_the_suite() -> None:
    suite = Path(EXAMPLE).parents[1] / "suite"
    names = ("singular_values", "log_area", "miyato2018")
    texts = [path.read_text() for path in suite.rglob("*.py")]
    assert not [name for name in names if any(f"{name}(" in text or f'"{name}"' in text for text in texts)]
