"""What the calls about roles take and give, a module for each noun. Shapes only: rules live in the domain."""
