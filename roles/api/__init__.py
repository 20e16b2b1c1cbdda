"""What a client may ask about permissions, and how it manages roles."""
