"""The schema's output types. They wrap what ``reading`` returns, and query no store themselves."""
