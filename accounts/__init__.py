"""People: registration, sign-in, sessions, tokens and passwords."""
