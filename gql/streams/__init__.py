"""Where a subscription's events come from."""
