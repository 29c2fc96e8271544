"""The schema's input types, each beside its conversion to the domain."""
