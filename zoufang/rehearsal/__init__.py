"""The rehearsal city: a fictional year of work, made through the same services that people use."""
