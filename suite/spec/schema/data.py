"""Data: what is to be learned."""

from suite.spec.schema.frozen import Kind
from suite.spec.schema.packs import Options, PackData, Use
from suite.spec.schema.text import TextData
from suite.spec.schema.words import Count, NonNegative, Positive


class SwissRoll(Kind, tag="swiss_roll"):
    """scikit-learn's Swiss roll, dimensions 0 and 2, divided by 7.5 (gan_toy.py)."""

    noise: NonNegative = 0.25
    """Standard deviation of normal noise, before the division."""


class EightGaussians(Kind, tag="eight_gaussians"):
    """Eight modes on a circle of radius 2, all divided by 1.414 (gan_toy.py)."""

    deviation: Positive = 0.02
    """Standard deviation of each mode, before the division."""


class TwentyFiveGaussians(Kind, tag="twenty_five_gaussians"):
    """A 5 x 5 grid of spacing 2, all divided by 2.828 (gan_toy.py)."""

    deviation: Positive = 0.05
    """Standard deviation of each mode, before the division."""


class TwoGaussians(Kind, tag="two_gaussians"):
    """Real data N(-mean, deviation^2), counterpart N(+mean, deviation^2), in one dimension."""

    mean: Positive = 2.0
    """Distance of either mean from 0."""
    deviation: Positive = 0.5
    """Standard deviation of both."""


class ParallelLines(Kind, tag="parallel_lines"):
    """WGAN's Example 1: real data uniform on {0} x [0, 1], counterpart on {theta} x [0, 1]."""

    theta: float = 1.0
    """Where the counterpart's line is."""


class Images(Kind):
    """Base of the image data sets: pixels in [-1, 1], held-out images apart from the training set."""

    limit: Count | None = None
    """Train on this many images, a subset that is the same for every run; all where not given."""
    dequantize: bool = False
    """Add uniform noise of one grey level to each training image (gan_cifar_resnet.py)."""


class Digits(Images, tag="digits"):
    """scikit-learn's 1,797 grey 8 x 8 digits, enlarged to 16 x 16. They come with the package."""


class MNIST(Images, tag="mnist"):
    """Grey 28 x 28 digits, padded to 32 x 32."""


class FashionMNIST(Images, tag="fashion_mnist"):
    """Grey 28 x 28 pictures of clothes, padded to 32 x 32."""


class CIFAR10(Images, tag="cifar10"):
    """Colour 32 x 32 pictures of ten classes."""


class LSUNBedrooms(Images, tag="lsun_bedrooms"):
    """Colour pictures of bedrooms, their centre square resized to 64 x 64."""


class CelebA(Images, tag="celeba"):
    """Colour faces, their centre square resized to 64 x 64."""


class ImageNet32(Images, tag="imagenet32"):
    """ImageNet's downsampled 32 x 32 version."""


class PackImages(Images, tag="pack_images", kw_only=True):
    """Images that a pack brings."""

    use: Use
    """Whose they are, and what they are called there."""
    options: Options = {}
    """What is to be other than the pack declares it."""

    def __hash__(self) -> int:
        """See ``Packed``."""
        return hash((self.use, frozenset(self.options.items()), self.limit, self.dequantize))


ToyData = SwissRoll | EightGaussians | TwentyFiveGaussians | TwoGaussians | ParallelLines
ImageData = Digits | MNIST | FashionMNIST | CIFAR10 | LSUNBedrooms | CelebA | ImageNet32 | PackImages
Data = ToyData | ImageData | TextData | PackData
