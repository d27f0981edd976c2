"""The benchmark: what creating and updating projects costs, here and with the tools of others."""
