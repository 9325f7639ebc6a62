"""`python -m app` is `huntbot`."""

from app.cli import main

main()
