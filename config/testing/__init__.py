"""What tests of the whole house stand on: real servers, real processes, a real mail server, and the runner of the suite."""
