"""Atomic counters and limits: hits by key, guesses at an account, requests from an address."""
