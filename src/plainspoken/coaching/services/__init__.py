"""What coaching writes: goals, sessions, the library, thanks."""
