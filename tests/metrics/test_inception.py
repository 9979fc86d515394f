"""FID, IS and KID: the plumbing with a network of random weights, the numbers against our own."""

import hashlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from suite.data import known
from suite.errors import UserError
from suite.metrics import inception as module
from suite.metrics.frechet import Gaussian, frechet
from suite.metrics.inception import Seen, as_bytes, compare, inception, see, weights_digest
from suite.metrics.score import scores
from suite.streams import stream

library = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")
RNG = stream("test", "inception")
PUBLISHED = module.SHA256


class Trap:
    """Runs something where it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("unpickled",))


def random_weights() -> bytes:
    """A file like the published one, with weights that keep the size of what passes through."""
    with pytest.MonkeyPatch.context() as patch, torch.random.fork_rng():
        torch.manual_seed(0)
        patch.setattr(library.FeatureExtractorInceptionV3, "load_state_dict", lambda self, state: None)
        empty = io.BytesIO()
        torch.save({}, empty)
        empty.seek(0)
        network = library.FeatureExtractorInceptionV3(
            "random", ["2048"], feature_extractor_weights_path=empty
        )
    for parameter in network.parameters():
        if parameter.ndim == 4:
            parameter.mul_(6**0.5)
    content = io.BytesIO()
    torch.save(network.state_dict(), content)
    return content.getvalue()


def use(content: bytes, patch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Put a file where the weights belong and take its hash for the published one."""
    path = folder / "inception" / module.NAME
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    patch.setenv("WGAN_SUITE_DATA", str(folder))
    patch.setattr(module, "SHA256", hashlib.sha256(content).hexdigest())
    module._network.cache_clear()
    return path


@pytest.fixture(scope="module")
def at_hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        yield use(random_weights(), patch, tmp_path_factory.mktemp("data"))
    module._network.cache_clear()


def seen(count: int, shift: float) -> Seen:
    features = RNG.standard_normal((count, 12)) @ RNG.standard_normal((12, 12)) + shift
    return Seen(torch.from_numpy(features), torch.from_numpy(2 * RNG.standard_normal((count, 7))))


def kernel_distance(x: np.ndarray, y: np.ndarray) -> float:
    """The unbiased squared MMD with the cubic kernel (Binkowski et al., 2018), in loops."""
    n = len(x)
    kernel = [[[(a @ b / x.shape[1] + 1) ** 3 for b in q] for a in p] for p, q in ((x, x), (y, y), (x, y))]
    within = [sum(k[i][j] for i in range(n) for j in range(n) if i != j) / (n * (n - 1)) for k in kernel[:2]]
    return float(sum(within) - 2 * np.mean(kernel[2]))


def test_numbers_are_those_of_our_own_formulas() -> None:
    real, fake = seen(60, 0.0), seen(60, 0.4)
    found = compare(real, fake, splits=4)
    parts = scores(fake.logits.softmax(dim=1).numpy(), 4)
    assert found.fid == pytest.approx(
        frechet(Gaussian.of(real.features.numpy()), Gaussian.of(fake.features.numpy())), rel=1e-8
    )
    assert found.score == pytest.approx(parts.mean(), rel=1e-10)
    # 60 images are one subset, whatever their order.
    assert found.kid == pytest.approx(kernel_distance(real.features.numpy(), fake.features.numpy()), rel=1e-6)


def test_equal_images_are_at_distance_zero() -> None:
    real = seen(60, 0.0)
    assert compare(real, real, 1).fid == pytest.approx(0, abs=1e-5)


def test_images_pass_through_the_network(at_hand: Path) -> None:
    images = RNG.integers(256, size=(2, 32, 32, 1), dtype=np.uint8)
    found = see(images)
    assert (found.features.shape, found.logits.shape) == ((2, 2048), (2, 1008))
    assert found.features.std() > 0.01
    again = see(images.astype(np.float64) / 127.5 - 1)
    assert torch.equal(found.features, again.features)


def test_logits_are_without_the_last_bias(at_hand: Path) -> None:
    network, found = module._network(at_hand), see(np.zeros((1, 16, 16, 3), dtype=np.uint8))
    expected = found.features.float() @ network.fc.weight.cpu().T  # type: ignore[attr-defined]
    torch.testing.assert_close(found.logits.float(), expected)


def test_it_is_all_put_together(at_hand: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, fake = RNG.uniform(-1, 1, (2, 1, 16, 16, 3))
    monkeypatch.setattr(module, "compare", lambda real, fake, splits: (real, fake, splits))
    ours, theirs, splits = inception(see(real), fake, 3)
    assert torch.equal(ours.features, see(real).features)
    assert torch.equal(theirs.logits, see(fake).logits)
    assert splits == 3


def test_broken_images_have_no_numbers() -> None:
    real = seen(2, 0.0)
    assert np.isnan(inception(real, np.full((2, 8, 8, 3), np.nan))).all()
    one_pixel = np.zeros((2, 8, 8, 3))
    one_pixel[1, 2, 3, 0] = np.inf
    assert np.isnan(inception(real, one_pixel)).all()


def test_nothing_of_torchs_random_state_is_used(at_hand: Path) -> None:
    module._network.cache_clear()
    before = torch.random.get_rng_state()
    module._network(at_hand)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_pixels_are_the_256_levels_and_grey_is_tripled() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    found = as_bytes(levels / 127.5 - 1)
    assert found.shape == (1, 3, 16, 16)
    for channel in range(3):
        np.testing.assert_array_equal(found[0, channel].numpy(), levels[0, :, :, 0])
    assert as_bytes(np.array([-1.5, 1.5]).reshape(1, 1, 2, 1))[0, 0].tolist() == [[0, 255]]


def test_colours_keep_their_places() -> None:
    image = RNG.integers(256, size=(1, 5, 4, 3), dtype=np.uint8)
    found = as_bytes(image)[0]
    assert [found[c, 2, 1].item() for c in range(3)] == image[0, 2, 1].tolist()


def test_the_weights_are_checked_and_told_by_their_hash(at_hand: Path) -> None:
    assert weights_digest() == module.SHA256[:12]


def test_missing_weights_are_told_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WGAN_SUITE_DATA", str(tmp_path))
    with pytest.raises(UserError, match=r"is missing\.\n    Download it there: https://"):
        weights_digest()


def test_other_weights_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = use(b"published", monkeypatch, tmp_path)
    torch.save(Trap(), path)
    for look in (weights_digest, lambda: see(np.zeros((1, 8, 8, 3), dtype=np.uint8))):
        with pytest.raises(UserError, match="is not the published file"):
            look()


def test_even_then_nothing_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.BytesIO()
    torch.save({"fc.weight": Trap()}, content)
    use(content.getvalue(), monkeypatch, tmp_path)
    with pytest.raises(Exception, match="Weights only load failed"):
        see(np.zeros((1, 8, 8, 3), dtype=np.uint8))


def test_a_missing_library_is_told_with_the_cure(at_hand: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module._network.cache_clear()
    monkeypatch.setitem(sys.modules, "torch_fidelity.feature_extractor_inceptionv3", None)
    with pytest.raises(UserError, match=r"torch-fidelity is not installed\.\n    Install it"):
        see(np.zeros((1, 8, 8, 3), dtype=np.uint8))


def test_the_list_of_data_means_the_same_file() -> None:
    (part,) = known.INCEPTION.parts
    assert part.name == module.NAME
    assert f"sha256:{PUBLISHED}".startswith(part.checksum)
    assert known.INCEPTION.folders == ("inception",)


def test_a_gpu_is_used_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for there, kind in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=there: there)
        assert module._device().type == kind
