"""Signing in: who waits after failures, the second factor, passwords, a window's lock."""
