"""The malware scanner of the local stack, where there is no GuardDuty: a real engine, and results of the same shape."""
