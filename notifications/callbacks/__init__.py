"""What providers report of messages they have taken: whose word it is, and what it means."""
