"""Pure values and rules of threat hunting: no clock, no I/O, no async."""
