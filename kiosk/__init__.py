"""The ticket machine: its pages, what is on the paper, and the printers."""
