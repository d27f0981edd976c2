"""Whole texts that must not change unnoticed.

`AEGIS_GOLDEN=write` in the environment writes them anew; read the difference before you commit it.
"""
