"""Tests of the limits, with nothing above them installed."""
