"""Services that messages go out by, faked on the loopback as processes of their own."""
