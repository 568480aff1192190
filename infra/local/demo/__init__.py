"""`make demo`: a sample brief from posting to payout, and what people carry away from it."""
