"""The schema's types, one module a family. No SQL and no Temporal in here."""
