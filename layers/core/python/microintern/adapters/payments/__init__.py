"""The payment providers: the sandbox that comes with the platform, and Stripe."""
