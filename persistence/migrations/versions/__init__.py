"""The migrations, one module per revision."""
