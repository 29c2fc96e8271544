"""Starts orders, sends commands and writes customers."""
