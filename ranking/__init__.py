"""The ranking of windows (月评), its publication, and the public answers to bad ratings."""
