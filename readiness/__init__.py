"""开门检查: what a hall needs before it opens, on screen, as a page, and on one sheet of paper."""
