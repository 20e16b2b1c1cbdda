"""The top floor: puts the apps together. Imports everything and is imported by nothing."""

__version__ = "0.1.0"
