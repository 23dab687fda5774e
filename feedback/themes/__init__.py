"""Phrases that come up: what customers say of late more often than in the ninety days before."""
