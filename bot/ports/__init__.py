"""What the services ask of the outside, as Protocols: one room for each partner."""
