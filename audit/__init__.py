"""What happened: the vocabulary of events, the append-only log and its seals."""
