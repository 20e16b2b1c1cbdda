"""Second factors: what a person has beside a password. Sits on accounts, beside roles, blind to it."""
