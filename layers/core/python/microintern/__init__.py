"""Microintern: carries a paid brief from posting to payout."""
