"""What every HTTP function shares: who is calling, and how a refusal looks."""
