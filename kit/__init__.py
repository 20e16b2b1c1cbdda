"""The floor under every app: plain helpers and abstract models. No tables, not an installed app."""
