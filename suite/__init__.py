"""A reproducibility benchmark suite for Wasserstein GANs."""
