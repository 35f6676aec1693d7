"""What other programs use: kiosks of other makers, approval systems, the city, measurements."""
