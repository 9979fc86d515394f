"""What each probe writes: the names a metric or a figure may refer to.

Specs are checked against this table without importing torch; a test holds the
probes to it.
"""

from types import MappingProxyType
from typing import Final

QUANTITIES: Final = MappingProxyType(
    {
        "losses": {
            "critic": "critic loss, its penalty included",
            "generator": "generator loss",
            "estimate": "mean critic output on real minus on fake data",
        },
        "gradient_norms": {
            "slope": "log10 gradient norm gained per layer toward the input",
            "linearity": "R^2 of log10 gradient norm against the layer",
        },
        "weight_histogram": {
            "edge_share": "share of hidden weights at the ends of their range",
            "bimodality": "Sarle's bimodality coefficient of the hidden weights",
        },
        "surface": {"pieces": "linear pieces of the critic on the grid"},
        "potential": {
            "r2": "R^2 of the best affine fit of the critic to the Kantorovich potential",
            "duality": "mean output difference over the largest gradient, as a share of exact W1",
            "estimate": "mean critic output on real minus on fake evaluation points",
        },
        "interpolates": {
            "median_norm": "median gradient norm on interpolates",
            "variation": "coefficient of variation of the gradient norm on interpolates",
            "direction": "mean cosine between the gradient and the optimal transport direction",
        },
        "fake_gradients": {
            "norm": "root mean square gradient of the generator's loss at fake samples",
            "saturated_share": "share of fake samples with a gradient under 1 % of the largest",
            "evenness": "smallest over largest gradient norm at fake samples",
            "alignment": "mean cosine between the descent direction at fake samples and optimal transport",
        },
        "step_cosine": {"cosine": "cosine between the critic's step and the descent direction"},
        "cross_gradient": {"largest": "largest derivative of one sample's output by another sample"},
        "quality": {
            "w1": "exact W1 between generated and held-out samples",
            "covered": "modes with at least 1 % of their share of good samples",
            "dropped": "modes without",
            "good_share": "share of samples within 3 standard deviations of a mode",
            "collapse": "1 - entropy of the mode counts over its maximum",
        },
        "divergences": {
            "w1": "exact W1 between the two distributions' samples",
            "w1_error": "distance of that W1 from the exact one of a translation",
            "js": "exact Jensen-Shannon divergence (nats)",
            "kl": "exact Kullback-Leibler divergence (nats)",
            "disjoint": "share of real samples where there are no fake ones: above 0, KL is infinite",
            "w_estimate": "critic's estimate of W1: mean output difference over the largest gradient",
            "js_estimate": "discriminator's estimate of the Jensen-Shannon divergence (nats)",
            "theta": "position of the generated line",
            "theta_push": "size of the derivative of the generator's loss by theta",
        },
        "image_quality": {
            "frechet": "Frechet distance in the classifier's features",
            "score": "classifier score (sharp and even labels)",
            "precision": "share of generated images inside the real manifold",
            "recall": "share of real images inside the generated manifold",
            "classes": "classes with at least a tenth of their share",
            "collapse": "1 - entropy of the predicted classes over its maximum",
            "diversity": "feature distance of pairs of one predicted class, as a share of the real one",
        },
        "label_following": {
            "accuracy": "share of generated images that are of the class asked for",
            "worst": "the least of these shares of a class",
            "diversity": "feature distance of pairs of the class asked for, as a share of the real one",
        },
        "truncation": {
            "score_trend": "rank correlation of the score with a falling threshold",
            "precision_trend": "rank correlation of the precision with a falling threshold",
            "diversity_trend": "rank correlation of the variety within a class with a falling threshold",
            "recall_trend": "rank correlation of the recall with a falling threshold",
            "score_gain": "score at threshold 0.5 over that without truncation",
            "precision_gain": "precision at threshold 0.5 less that without truncation",
            "diversity_left": "variety within a class at threshold 0.25 over that at 2",
            "rise": "Frechet distance at threshold 0.04 over the least of all thresholds",
            "best": "the threshold with the least Frechet distance",
            "saturation": "share of saturated pixels at threshold 0.5 over that without truncation",
            "amenable": "1 where at threshold 0.5 images are neither saturated nor less precise, else 0",
            "clamp_varies": "variety at threshold 0.5 by clamping over that by drawing again",
            "scale_varies": "variety at threshold 0.5 by scaling over that by drawing again",
            "scale_distance": "Frechet distance at threshold 2 by scaling over that by drawing again",
        },
        "spectrum": {
            "generator": "largest singular value of any layer of the generator",
            "critic": "largest singular value of any layer of the critic",
            "generator_first": "largest singular value of the generator's first layer",
        },
        "memorisation": {
            "train": "share of training images that the critic takes for real",
            "held_out": "share of held-out images that the critic takes for real",
            "gap": "the first less the second",
        },
        "inception": {
            "fid": "Frechet Inception distance",
            "is": "Inception score",
            "kid": "kernel Inception distance",
        },
        "sheet": {},
        "validation": {
            "train": "negative critic loss on training data, without its penalty",
            "held_out": "negative critic loss on held-out data, without its penalty",
            "gap": "the first less the second",
            "relative_gap": "that gap as a share of the first",
        },
        "ngrams": {
            **{f"js_{n}": f"JS divergence of {n}-grams from held-out text, over log 2" for n in range(1, 7)},
            **{
                f"progress_{n}": f"that of {n}-grams: 0 as of single letters drawn apart, 1 as of real text"
                for n in range(2, 7)
            },
        },
        "text": {},
        "discrimination": {
            "accuracy": "share of training and generated samples told apart by the sign",
            "js_estimate": "log 2 less half the discriminator's loss: an estimate of JS (nats)",
        },
    }
)
"""Probe name to quantity name to meaning. ``losses`` is always recorded."""
