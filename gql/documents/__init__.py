"""The steps before a document is executed: parse, trust, measure, admit."""
