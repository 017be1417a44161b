"""The evaluation of joining: events of several outlets, invented, each marked with the incident that it tells of."""
