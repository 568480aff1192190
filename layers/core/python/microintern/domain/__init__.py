"""The rules, pure: no AWS, no clock, no environment. Reads like the tables in docs/lifecycle.md."""
