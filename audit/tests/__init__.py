"""Tests of the audit log, with only its floor and those below installed."""
