"""What an order is and what may happen to it: pure, and made of the standard library alone."""
