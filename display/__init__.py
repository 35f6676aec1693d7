"""The hall's screens: what is called is shown large and spoken."""
