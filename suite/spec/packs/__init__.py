"""Packs: experiments, and code for them, from outside this repository.

A pack is a folder with a ``pack.yaml``. Which packs there are, and what they bring, is read without
running any of their code; that is imported where it is used for the first time. docs/packs.md is for
those who write one.
"""
