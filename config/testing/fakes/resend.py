"""A server that behaves like Resend's, as a process: `python -m config.testing.fakes.resend --port P`."""

from notifications.tests.fakes.base import serve
from notifications.tests.fakes.resend import FakeResend

if __name__ == "__main__":
    serve(FakeResend)
