"""A person as small as can be, so that the suite of roles runs without accounts."""
