"""Searches through files that were never read before, in worker processes that decode only what may match."""
