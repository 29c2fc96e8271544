"""The steps before a document is executed: trust, parsing, limits, validation and admission."""
