"""Templates that know nothing of aegis."""
