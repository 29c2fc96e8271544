"""Commands of ``orders`` that call the API. They need no access to Temporal or Postgres."""
