"""Order data and rules: pure functions over the standard library, without I/O."""
