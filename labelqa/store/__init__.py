"""Projects in a database: SQLite file, PostgreSQL or memory; it stores, and knows no rule of the loop."""
