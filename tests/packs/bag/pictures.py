"""Images."""

import numpy as np


def stripes(count):
    """Of each class as many: upright and level stripes, a third held out."""
    upright = np.tile(np.array([0, 255], np.uint8), (count, 8, 4))[..., None]
    both = np.stack([upright, upright.transpose(0, 2, 1, 3)], axis=1).reshape(-1, 8, 8, 1)
    labels = np.tile([0, 1], count).astype(np.int64)
    train = len(both) * 2 // 3
    return both[:train], labels[:train], both[train:], labels[train:]
