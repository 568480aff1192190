"""What the employer of the sample brief says of the student; what the student says is the example of the command."""

FEEDBACK_OF_EMPLOYER = {
    "ratings": {"quality": 4, "communication": 5, "reliability": 5, "initiative": 4},
    "text": "Every value could be traced, and the revision came the same day. We would work with her again.",
    "suggestions": [{"criterion": "writing", "suggestion": "Begin with what a reader should be careful about."}],
}
