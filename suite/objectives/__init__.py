"""Losses and Lipschitz constraints."""
