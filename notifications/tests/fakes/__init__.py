"""Servers on the loopback that behave like the services we send by, and misbehave like them when told to."""
