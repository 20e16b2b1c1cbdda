"""Tests of the vault, with nothing above it installed."""
