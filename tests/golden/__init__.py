"""The project's own reference reports, their scorer, and the tests that hold the coder to them."""
