"""Checks that any engine must pass, so that it can keep the warehouse and give the members that others give."""
