"""The classifier that judges images: made the same everywhere, kept, and never trusted blindly."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from suite.data.catalogue import root
from suite.data.images import labelled
from suite.errors import UserError
from suite.metrics import classifier as module
from suite.metrics.classifier import DIGITS, FEATURES, Classifier, classifier, seal, train, weights_of
from suite.spec import schema
from suite.streams import stream

DATA = schema.Digits()
SHAPE = (16, 16, 1)
QUICK = DIGITS._replace(epochs=1, floor=0.0)


def forget() -> None:
    module._of_kind.cache_clear()


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classifier]:
    """The real one, in a folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WGAN_SUITE_DATA", str(tmp_path_factory.mktemp("data")))
        yield classifier(DATA)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, where classifiers are trained for one epoch."""
    monkeypatch.setenv("WGAN_SUITE_DATA", str(tmp_path))
    monkeypatch.setattr(module, "DIGITS", QUICK)
    return tmp_path


def kept(folder: Path) -> Path:
    (path,) = (folder / "classifiers").glob("*")
    return path


def test_it_knows_the_digits(digits: Classifier) -> None:
    parts = labelled(DATA)
    right = digits.read(parts.held_out).probabilities.argmax(1) == parts.held_out_labels
    assert digits.accuracy == pytest.approx(right.mean())
    assert digits.accuracy >= 0.97


@pytest.mark.slow
def test_the_one_that_comes_with_the_suite_is_what_its_training_gives(digits: Classifier) -> None:
    parts = labelled(DATA)
    anew = module.read(train(parts, SHAPE, 10, DIGITS), SHAPE, parts.held_out)
    # To the bit only on the processor that trained it.
    before = digits.read(parts.held_out)
    assert (anew.probabilities.argmax(1) == before.probabilities.argmax(1)).mean() > 0.98


def test_digits_need_no_training(digits: Classifier) -> None:
    assert not (root() / "classifiers").exists()


def test_it_reads_features_and_probabilities_at_once(digits: Classifier) -> None:
    x = labelled(DATA).held_out.astype(np.float64)
    reading = digits.read(x)
    assert reading.features.shape == (len(x), FEATURES)
    assert reading.features.dtype == reading.probabilities.dtype == np.float64
    assert reading.features.min() == 0
    np.testing.assert_allclose(reading.probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(reading.features, digits.features(x))


def test_most_features_are_alive(digits: Classifier) -> None:
    features = digits.features(labelled(DATA).held_out)
    assert (features.max(axis=0) > 0).sum() >= 0.8 * FEATURES


def test_an_image_is_read_the_same_among_others(digits: Classifier) -> None:
    x = labelled(DATA).held_out[:20]
    np.testing.assert_allclose(digits.features(x)[7], digits.features(x[7:8])[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("side", [2, 3, 8, 9])
def test_maxima_are_torchs_with_and_without_derivatives(side: int) -> None:
    drawn = stream("test", "maxima").standard_normal((3, 5, side, side), dtype=np.float32)
    drawn[0, 0, 0, 0] = np.nan
    x = torch.from_numpy(drawn).contiguous(memory_format=torch.channels_last)
    expected, mine = torch.nn.functional.max_pool2d(x, 2), module.MaxPool2d(2)
    with torch.no_grad():
        torch.testing.assert_close(mine(x), expected, rtol=0, atol=0, equal_nan=True)
    torch.testing.assert_close(mine(x), expected, rtol=0, atol=0, equal_nan=True)


def test_its_name_is_torchs() -> None:
    assert repr(module.MaxPool2d(2)) == repr(torch.nn.MaxPool2d(2))


def test_images_are_read_alike_in_one_pass_and_in_many(
    digits: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = labelled(DATA).held_out[:300]
    whole = digits.read(x)
    monkeypatch.setattr(module, "PIXELS", 256 * 100)
    for mine, its in zip(digits.read(x), whole, strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-4, atol=1e-5)


def test_limits_and_noise_of_a_run_do_not_make_another(digits: Classifier) -> None:
    assert classifier(schema.Digits(limit=100, dequantize=True)) is classifier(DATA)


def test_training_twice_gives_the_same_bits_whatever_torch_was_doing() -> None:
    parts = labelled(DATA)
    first = seal(weights_of(train(parts, SHAPE, 10, QUICK)))
    torch.manual_seed(5)
    with torch.inference_mode():
        assert seal(weights_of(train(parts, SHAPE, 10, QUICK))) == first


def test_torchs_own_state_is_left_as_it_is(folder: Path) -> None:
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    found = classifier(DATA)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.is_grad_enabled()
    assert torch.get_num_threads() == threads
    assert not any(p.requires_grad for p in found.network.parameters())


def test_it_is_kept_and_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = classifier(DATA)
    forget()
    monkeypatch.setattr(module, "train", None)  # nothing to train with
    again = classifier(DATA)
    assert again is not first
    assert (again.digest, again.accuracy) == (first.digest, first.accuracy)
    assert not any(p.requires_grad for p in again.network.parameters())


def test_the_one_that_comes_with_the_suite_is_made_by_a_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHIPPED", folder / "shipped")
    module.main()
    (path,) = (folder / "shipped").glob("digits-*.npz")
    monkeypatch.setattr(module, "train", None)  # nothing to train with
    assert classifier(DATA).digest == seal(module.weights_of(module._kept(path, SHAPE, 10, QUICK)))[:12]
    assert not (folder / "classifiers").exists()


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def altered(content: bytes) -> bytes:
    """A whole file with its seal, in which one weight was changed."""
    path = Path("classifier.npz")
    path.write_bytes(content)
    arrays = module.read_arrays(path)
    assert arrays is not None
    arrays["last.bias"] = arrays["last.bias"] + np.float32(1e-3)
    return module.arrays_as_bytes(arrays)


def foreign(content: bytes) -> bytes:
    """A sealed file of another network."""
    weights = {"weight": np.ones(3, dtype=np.float32)}
    return module.arrays_as_bytes({**weights, module.SEAL: np.array(seal(weights))})


@pytest.mark.parametrize("damage", [cut, altered, foreign])
def test_a_damaged_one_is_trained_anew(damage, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, path = classifier(DATA), kept(folder)
    whole = path.read_bytes()
    monkeypatch.chdir(folder)
    path.write_bytes(damage(whole))
    forget()
    assert classifier(DATA).digest == first.digest
    assert path.read_bytes() == whole


def test_another_protocol_is_kept_apart(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = classifier(DATA)
    forget()
    monkeypatch.setattr(module, "DIGITS", QUICK._replace(rate=2e-3))
    assert classifier(DATA).digest != first.digest
    assert len(list((folder / "classifiers").glob("*.npz"))) == 2


def test_every_input_of_the_weights_is_in_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    parts, blank = labelled(DATA), module._blank(SHAPE, 10, DIGITS)
    first = module._key(blank, DIGITS, parts)
    other = parts.train.copy()
    other[0, 0] += 1
    names = [
        module._key(blank, DIGITS, parts._replace(train=other)),
        module._key(blank, DIGITS, parts._replace(train=parts.train.view(np.int32))),
        module._key(blank, DIGITS._replace(epochs=16), parts),
        module._key(module._blank(SHAPE, 11, DIGITS), DIGITS, parts),
    ]
    monkeypatch.setattr(torch, "__version__", "0")
    assert len({first, *names, module._key(blank, DIGITS, parts)}) == 6


def test_a_folder_that_cannot_be_written_to_does_no_harm(folder: Path) -> None:
    (folder / "classifiers").write_text("a file where the folder would be")
    assert len(classifier(DATA).digest) == 12


def test_a_poor_one_is_no_instrument(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DIGITS", QUICK._replace(floor=0.999))
    with pytest.raises(
        UserError, match=r"digits: the classifier labels .* under 100%\.\n    It cannot serve"
    ):
        classifier(DATA)


@pytest.mark.parametrize(
    ("data", "expected"),
    [(DATA, DIGITS), (schema.MNIST(), module.GREY), (schema.CIFAR10(), module.COLOUR)],
)
def test_each_kind_has_a_protocol(data: schema.ImageData, expected: module.Protocol) -> None:
    assert module.protocol(data) is expected


def test_colour_images_pass_through(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two classes that differ in one channel, told apart after one epoch.
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=80)
    x = rng.uniform(-0.1, 0.1, (80, 32, 32, 3)).astype(np.float32)
    x[..., 2] += y[:, None, None] - 0.5
    flat = x.reshape(80, -1)
    parts = module.Labelled(flat[:60], y[:60], flat[60:], y[60:])
    rules = module.COLOUR._replace(widths=(4, 8, 8), epochs=4, batch=10)
    found = module.read(train(parts, (32, 32, 3), 2, rules), (32, 32, 3), parts.held_out)
    np.testing.assert_array_equal(found.probabilities.argmax(axis=1), y[60:])


def small(rules: module.Protocol, count: int, channels: int) -> tuple[module.Labelled, module.Network]:
    """A few random images of 8 x 8 pixels and three classes, and the network that training starts with."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, (count, 64 * channels)).astype(np.float32)
    y = rng.integers(3, size=count)
    shape = (8, 8, channels)
    start = module.assemble(module._start(shape, 3, rules), shape, 3, rules)
    return module.Labelled(x, y, x, y), start


@pytest.mark.parametrize("mirror", [False, True])
def test_training_is_adam_at_a_rate_that_falls_to_zero(mirror: bool) -> None:
    rules = QUICK._replace(widths=(2, 3), epochs=2, batch=5, mirror=mirror)
    parts, network = small(rules, 22, 1)
    x, y = torch.from_numpy(parts.train).view(-1, 1, 8, 8), torch.from_numpy(parts.train_labels)
    adam, step = torch.optim.Adam(network.parameters()), 0
    for epoch in range(2):
        rng = stream("classifier", "batches", epoch)
        order, turned = rng.permutation(22), rng.random(22) < 0.5
        for begin in range(0, 22, 5):
            rows, flips = order[begin : begin + 5], turned[begin : begin + 5] & mirror
            batch = torch.stack(
                [x[row].flip(-1) if flip else x[row] for row, flip in zip(rows, flips, strict=True)]
            )
            adam.param_groups[0]["lr"] = 1e-3 * (1 - step / 10)
            adam.zero_grad()
            torch.nn.functional.cross_entropy(network(batch)[1], y[rows]).backward()
            adam.step()
            step += 1
    assert step == 10
    found = train(parts, (8, 8, 1), 3, rules)
    torch.testing.assert_close(dict(found.state_dict()), dict(network.state_dict()), atol=1e-6, rtol=1e-5)


def test_a_level_is_its_convolutions_and_a_maximum() -> None:
    rules = module.COLOUR._replace(widths=(2, 3))
    parts, network = small(rules, 4, 3)
    kernels = [
        (p.detach(), b.detach() + 0.1) for p, b in zip(*[iter(network.levels.parameters())] * 2, strict=True)
    ]
    for bias in list(network.levels.parameters())[1::2]:
        bias.data += 0.1
    x = torch.from_numpy(parts.train).view(-1, 8, 8, 3).permute(0, 3, 1, 2)
    for index, (kernel, bias) in enumerate(kernels):
        x = torch.nn.functional.conv2d(x, kernel, bias, padding=1).clamp_min(0)
        x = torch.nn.functional.max_pool2d(x, 2) if index % 2 else x
    flat = x.flatten(1)
    centred = (flat - flat.mean(1, keepdim=True)) / (flat.var(1, keepdim=True, correction=0) + 1e-5).sqrt()
    features = (centred @ network.hidden.weight.T + network.hidden.bias).clamp_min(0)
    expected = (features @ network.last.weight.T + network.last.bias).softmax(1)
    found = module.read(network, (8, 8, 3), parts.train)
    assert len(kernels) == 4
    torch.testing.assert_close(
        torch.from_numpy(found.features).float(), features.detach(), atol=1e-5, rtol=1e-4
    )
    torch.testing.assert_close(
        torch.from_numpy(found.probabilities).float(), expected.detach(), atol=1e-5, rtol=1e-4
    )


def test_training_has_one_thread_and_the_caller_what_it_had() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        with module._alone():
            assert torch.get_num_threads() == 1
            assert torch.is_grad_enabled()
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_training_starts_with_hes_deviations_and_without_biases() -> None:
    """2 over the inputs of a unit, 16 channels under a kernel of 3 x 3 pixels; four standard errors."""
    drawn = module._drawn("a layer", (100, 16, 3, 3))
    assert drawn.var() == pytest.approx(2 / 144, rel=4 * (2 / drawn.size) ** 0.5)
    assert abs(drawn.mean()) < 4 * (2 / 144 / drawn.size) ** 0.5
    assert not np.array_equal(drawn, module._drawn("another layer", (100, 16, 3, 3)))
    assert not module._drawn("a bias", (100,)).any()
