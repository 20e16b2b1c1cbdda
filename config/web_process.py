"""What an operator may set of the web process: read by `config.variables`, and by `config.serve` without Django."""

from config.environment import Environment


def host_and_port(env: Environment) -> tuple[str, int]:
    """Return what `make run` listens on."""
    host = env.text("HOST", "127.0.0.1", meaning="The address that `make run` listens on.")
    return host, env.number("PORT", 8000, least=1, most=65535, meaning="The port that `make run` listens on.")


def threads(env: Environment) -> int:
    """Return how many requests a web process serves at a time."""
    meaning = (
        "How many requests a web process serves at a time. All but eight of them may hash a password or wait for "
        "that; the next are told to come back. Tell granian the same number (`--blocking-threads`)."
    )
    return env.number("WEB_THREADS", 64, least=16, most=256, meaning=meaning)
