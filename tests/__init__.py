"""The tests, by what they need: unit/ nothing, persistence/ Postgres, stack/ everything."""
