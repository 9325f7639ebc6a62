"""The top floor: settings, composition, life cycle and the command line."""
