"""The commands of ``orders`` that are a client of the API, and of nothing else."""
