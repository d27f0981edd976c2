"""What aegis does: plan, then apply. Each operation returns an outcome; the command line words it."""
