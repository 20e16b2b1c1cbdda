"""The pages that people open from a mail."""
