"""Documents made of the code, so that they cannot say what the code does not: `make docs` writes them.

`make check` and a test hold the committed files equal to what is made here; nobody edits them by hand.
"""
