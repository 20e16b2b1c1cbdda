"""The shapes of bodies and answers, a module for each noun."""
