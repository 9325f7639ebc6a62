"""How a store gets to the newest schema: one Alembic revision a file in versions/, each written by hand."""
