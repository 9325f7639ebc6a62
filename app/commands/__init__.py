"""The terminal's commands, one file each; app/cli.py hangs them in."""
