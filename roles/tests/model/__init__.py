"""An evaluator so simple that one can see that it is right, to hold the real one against."""
