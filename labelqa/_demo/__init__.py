"""What ``labelqa demo`` reads: synthetic support tickets, written by ``examples/make_support_tickets.py``."""
