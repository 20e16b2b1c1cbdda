"""What a client may ask about permissions, under `/api/v1/auth`."""
