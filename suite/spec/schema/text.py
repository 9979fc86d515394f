"""Text, character by character: what is to be learned, networks for it, and what is measured."""

from typing import Annotated

from msgspec import Meta

from suite.spec.schema.frozen import Frozen, Kind
from suite.spec.schema.initializations import Initialization, TFLibInit
from suite.spec.schema.words import Count, CountOrZero

LineLength = Annotated[int, Meta(ge=6, le=1024)]
"""Characters of a line: six at the least, the longest n-grams that are counted."""


class Grammar(Kind, tag="grammar"):
    """Lines cut anywhere from an endless text of a small grammar, 13 characters, whose n-gram
    probabilities are known exactly.
    """

    length: LineLength = 12


class BillionWord(Kind, tag="billion_word"):
    """The One Billion Word Benchmark, each sentence cut or filled up to ``length`` (gan_language.py)."""

    length: LineLength = 32
    vocabulary: Annotated[int, Meta(ge=1, le=255)] = 100
    """The most frequent characters that are kept; all others are one more."""
    limit: Count = 10_000_000
    """How many sentences are read; the last of them, a tenth but 100,000 at the most, are held out."""


class TextGenerator(Kind, tag="text"):
    """gan_language.py's: noise to a line of ``width`` channels, residual blocks, at each place a
    softmax over the characters.
    """

    width: Count = 512
    latent: Count = 128
    blocks: CountOrZero = 5
    """Residual blocks."""
    initialization: Initialization = TFLibInit()


class TextCritic(Kind, tag="text"):
    """gan_language.py's: the same residual blocks between characters and one linear output."""

    width: Count = 512
    blocks: CountOrZero = 5
    """Residual blocks."""
    initialization: Initialization = TFLibInit()


class Unigram(Kind, tag="unigram"):
    """Fixed: characters of training lines, each drawn apart. The control that knows letters, not words."""


class NGrams(Frozen):
    """Jensen-Shannon divergence of n-grams, n from 1 to 6, between generated and held-out lines."""

    points: CountOrZero = 10
    samples: Count = 640
    reference: Count = 10_000
    """Held-out lines that are compared with."""


class TextSamples(Frozen):
    """Lines that are generated from the same noise at every point."""

    points: CountOrZero = 4
    samples: Count = 12


TextData = Grammar | BillionWord
