"""Figures in the papers' own form, one module a family."""
