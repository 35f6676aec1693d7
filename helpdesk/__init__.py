"""The help desk: tickets for people, what became of a ticket, and the hall at a glance."""
