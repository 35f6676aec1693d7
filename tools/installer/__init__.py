"""What `install.py` is made of; beside it in a bundle, and the standard library is all it needs."""
