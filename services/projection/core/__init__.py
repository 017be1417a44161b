"""Pure rules: no clock, no clients, no I/O."""
