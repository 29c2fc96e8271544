"""Creates and upgrades the tables, and checks whether the code can use them.

Only ``upgrade`` imports Alembic, which takes a tenth of the start of an API process.
"""
