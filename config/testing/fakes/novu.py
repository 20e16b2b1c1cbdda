"""A server that behaves like Novu's, as a process: `python -m config.testing.fakes.novu --port P`."""

from notifications.tests.fakes.base import serve
from notifications.tests.fakes.novu import FakeNovu

if __name__ == "__main__":
    serve(FakeNovu)
