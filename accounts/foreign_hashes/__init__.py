"""Password hashes of other systems: read, bounded, checked, and wrapped in our own where they are weak."""
