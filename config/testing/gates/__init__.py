"""The gates of `make check`: what every change must pass. `catalogue` names them, running the package runs them.

A gate is a command whose exit status is its verdict: 0 has passed, 77 (as in Automake) could not be judged here and is
told as that, never as passed, and anything else has failed.
"""
