"""安全审计: who did what, when, from where, with what success, in a chain that shows changes."""
