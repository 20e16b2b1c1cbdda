"""The calls, a module for each noun."""
