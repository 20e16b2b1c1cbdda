"""System checks: what would only show when the first message fails is shown at the start instead."""
