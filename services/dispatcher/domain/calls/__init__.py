"""What is asked of the carriers, within their budgets, and what they say."""
