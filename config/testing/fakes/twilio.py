"""A server that behaves like Twilio's, as a process: `python -m config.testing.fakes.twilio --port P`."""

from notifications.tests.fakes.base import serve
from notifications.tests.fakes.twilio import FakeTwilio

if __name__ == "__main__":
    serve(FakeTwilio)
