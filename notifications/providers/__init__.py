"""Who carries messages out: one small interface, and an ordered list of those who implement it for each channel."""
