"""What the interop tests stand on: services, workers, clients, and a wait that is bounded."""
