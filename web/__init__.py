"""What the faces share of Flask and Socket.IO: who may, refusals, the live line, headers."""
