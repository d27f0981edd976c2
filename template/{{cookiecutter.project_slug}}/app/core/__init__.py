"""What every process shares: settings, logging, errors."""
