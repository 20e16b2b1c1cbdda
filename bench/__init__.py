"""Measurements that take minutes: what they say is in the README, and nothing of the product imports them."""
