"""What tests of the whole house stand on: real servers, real processes, a mail server, and the runner of the suite."""
