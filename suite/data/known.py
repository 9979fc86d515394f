"""The data sets the suite knows: their files, where they lie, and their published checksums.

MD5 sums of CIFAR-10 and CelebA are those of torchvision's classes. Those of MNIST and Fashion-MNIST are
of the unpacked files, so that they hold however a file was packed: Debian's package packs the same content
anew.
"""

from typing import NamedTuple


class Part(NamedTuple):
    """One file (or folder) of a data set."""

    name: str
    also: str = ""
    """Another form it may have: packed, or an archive's folder."""
    size: int = 0
    """Bytes of ``name``; 0 where any size will do."""
    checksum: str = ""
    """Algorithm and hexadecimal digits (or their beginning), of the unpacked content; empty where none
    is published."""


class Entry(NamedTuple):
    """One data set."""

    name: str
    """As the ``kind`` in an experiment file."""
    title: str
    folders: tuple[str, ...] = ()
    """Where its files are looked for, in this order, under the data folder."""
    parts: tuple[Part, ...] = ()
    downloads: bool = False
    """Whether ``--download`` gets it."""
    prepares: bool = False
    """Whether it is read once into files of its own."""
    hint: str = ""
    """What to do by hand, where something is to be done by hand."""


DEBIAN_FASHION_MNIST = "/usr/share/datasets/fashion-mnist"
IDX_SIZES = {
    "train-images-idx3-ubyte": 47_040_016,
    "train-labels-idx1-ubyte": 60_008,
    "t10k-images-idx3-ubyte": 7_840_016,
    "t10k-labels-idx1-ubyte": 10_008,
}


def _idx(*md5s: str) -> tuple[Part, ...]:
    return tuple(
        Part(name, f"{name}.gz", size, f"md5:{md5}")
        for (name, size), md5 in zip(IDX_SIZES.items(), md5s, strict=True)
    )


DIGITS = Entry("digits", "scikit-learn's digits")
MNIST = Entry(
    "mnist",
    "MNIST",
    ("MNIST/raw",),
    _idx(
        "6bbc9ace898e44ae57da46a324031adb",
        "a25bea736e30d166cdddb491f175f624",
        "2646ac647ad5339dbf082846283269ea",
        "27ae3e4e09519cfbb04c329615203637",
    ),
    downloads=True,
)
FASHION_MNIST = Entry(
    "fashion_mnist",
    "Fashion-MNIST",
    ("FashionMNIST/raw", DEBIAN_FASHION_MNIST),
    _idx(
        "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "9018921c3c673c538a1fc5bad174d6f9",
        "8181f5470baa50b63fa0f6fddb340f0a",
        "15d484375f8d13e6eb1aabb0c3f46965",
    ),
    downloads=True,
    hint="on Debian also: apt-get install dataset-fashion-mnist",
)
CIFAR10 = Entry(
    "cifar10",
    "CIFAR-10",
    ("cifar-10-batches-py",),
    (
        Part("data_batch_1", "", 31_035_704, "md5:c99cafc152244af753f735de768cd75f"),
        Part("data_batch_2", "", 31_035_320, "md5:d4bba439e000b95fd0a9bffe97cbabec"),
        Part("data_batch_3", "", 31_035_999, "md5:54ebc095f3ab1f0389bbae665268c751"),
        Part("data_batch_4", "", 31_035_696, "md5:634d18415352ddfa80567beed471001a"),
        Part("data_batch_5", "", 31_035_623, "md5:482c414d41f54cd18b22e5b47cb7c3cb"),
        Part("test_batch", "", 31_035_526, "md5:40351d587109b95175f43aff81a1287e"),
    ),
    downloads=True,
)
LSUN_BEDROOMS = Entry(
    "lsun_bedrooms",
    "LSUN bedrooms",
    ("lsun",),
    (Part("bedroom_train_lmdb/data.mdb"),),
    prepares=True,
    hint="put the LSUN project's folder bedroom_train_lmdb there",
)
CELEBA = Entry(
    "celeba",
    "CelebA",
    ("celeba",),
    (
        Part("img_align_celeba.zip", "img_align_celeba", 0, "md5:00d2c5bc6d35e252742224ab0c1e8fcb"),
        Part("list_eval_partition.txt", "", 0, "md5:d32c9cbf5e040fd4025c592c306e6668"),
    ),
    downloads=True,
    prepares=True,
    hint="where the download is refused, put img_align_celeba.zip and list_eval_partition.txt there by hand",
)
IMAGENET32 = Entry(
    "imagenet32",
    "ImageNet 32 x 32",
    ("imagenet32",),
    (*(Part(f"train_data_batch_{i}.npz") for i in range(1, 11)), Part("val_data.npz")),
    prepares=True,
    hint="put the npz form of ImageNet's downsampled version there: train_data_batch_1.npz to _10.npz "
    "and val_data.npz",
)
INCEPTION = Entry(
    "inception",
    "the Inception weights",
    ("inception",),
    (Part("weights-inception-2015-12-05-6726825d.pth", "", 0, "sha256:6726825d"),),
    hint="put weights-inception-2015-12-05-6726825d.pth of the torch-fidelity project there",
)
BILLION_WORD = Entry(
    "billion_word",
    "the One Billion Word Benchmark",
    ("1-billion-word-language-modeling-benchmark-r13output/training-monolingual.tokenized.shuffled",),
    tuple(Part(f"news.en-{i:05}-of-00100") for i in range(1, 100)),
    hint="unpack the benchmark's archive into the data folder",
)
EVERY = (DIGITS, MNIST, FASHION_MNIST, CIFAR10, LSUN_BEDROOMS, CELEBA, IMAGENET32, INCEPTION, BILLION_WORD)
