"""The steps before a document is executed: admission, trust, parsing, limits and validation."""
