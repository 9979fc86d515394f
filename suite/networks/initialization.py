"""Starting values of parameters, whatever network they belong to."""

import numpy as np
from numpy.typing import NDArray

from suite.networks.blocks import Parameter
from suite.spec import schema


def initial(
    how: schema.Initialization, parameter: Parameter, rng: np.random.Generator
) -> NDArray[np.float64]:
    """One parameter tensor of one replica. Normalisations start as the identity but for DCGAN's."""
    shape = parameter.shape
    match parameter.role:
        case "weight":
            return _weight(how, parameter, rng)
        case "bias":
            return _bias(how, parameter, rng)
        case "gain" if isinstance(how, schema.DCGANInit):
            return rng.normal(1.0, 0.02, shape)
        case "gain":
            return np.ones(shape)
        case "shift":
            return np.zeros(shape)
        case "vector":
            drawn = rng.standard_normal(shape)
            return np.asarray(drawn / np.linalg.norm(drawn))


def _weight(
    how: schema.Initialization, parameter: Parameter, rng: np.random.Generator
) -> NDArray[np.float64]:
    _, shape, fan_in, fan_out, numerator = parameter
    match how:
        case schema.DefaultInit():
            return rng.uniform(-1, 1, shape) * float(fan_in**-0.5)
        case schema.UniformInit(bound=bound):
            return bound * rng.uniform(-1, 1, shape)
        case schema.HeInit():
            return rng.uniform(-1, 1, shape) * float((6 / fan_in) ** 0.5)
        case schema.NormalInit(deviation=deviation):
            return deviation * rng.standard_normal(shape)
        case schema.SignInit(bound=bound):
            return bound * rng.choice([-1.0, 1.0], shape)
        case schema.DCGANInit():
            return 0.02 * rng.standard_normal(shape)
        case schema.TFLibInit():
            # A uniform variable on +-1 has variance 1/3.
            return rng.uniform(-1, 1, shape) * float((3 * numerator / (fan_in + fan_out)) ** 0.5)
        case schema.OrthogonalInit():
            return _orthonormal(shape, rng)


def _orthonormal(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float64]:
    """Uniform among the matrices whose columns are orthonormal, or whose rows are where there are fewer."""
    rows, columns = shape
    found, triangle = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
    # Without the signs some matrices would be more likely than others.
    found = found * np.where(np.diag(triangle) < 0, -1.0, 1.0)
    return np.asarray(found if rows >= columns else found.T)


def _bias(how: schema.Initialization, parameter: Parameter, rng: np.random.Generator) -> NDArray[np.float64]:
    """Uniform as the weights where the initialisation says so, else zero."""
    if isinstance(how, schema.DefaultInit | schema.UniformInit):
        return _weight(how, parameter, rng)
    return np.zeros(parameter.shape)
