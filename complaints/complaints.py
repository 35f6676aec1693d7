"""class Complaints – the verbs of complaints: read, decide, save, note; after the commit, tell.

They stand in rooms of their own – ``registering``, ``handling``, ``finding`` – on one ground,
``verbs``.
"""

from complaints.finding import Finding
from complaints.registering import Registering


class Complaints(Registering, Finding):
    """The one place where complaints are registered, handled and counted."""
