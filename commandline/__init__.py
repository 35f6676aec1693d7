"""The command line behind ``server.py``: a module for each kind of command."""
