"""Rates, durations and chances from dated customer actions: numpy only, pure, randomness as an argument."""
