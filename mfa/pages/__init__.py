"""The pages of second factors in the admin: the step of a sign-in, setting factors up, and looking after one's own."""
