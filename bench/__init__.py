"""How fast the monitor is and how much memory it takes: each stage alone, polling, and the whole way. Run as `python -m bench`."""
