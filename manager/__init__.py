"""The manager's pages: the hall as data, its people and devices, the month's figures."""
