"""People who come to the hall, with ID numbers whose check character is right (GB 11643)."""

WEIGHTS = [2**place % 11 for place in range(17, 0, -1)]


def id_number(count: int = 1) -> str:
    """Return the ID number of somebody born on 1 January 1980, another one for each count."""
    digits = f"110105{19800101}{count:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True))
    return digits + "10X98765432"[total % 11]
