"""Projects that other tools made, and aegis takes over."""
