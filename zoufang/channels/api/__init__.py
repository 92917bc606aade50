"""The doors for programs: citizens' own, those of systems that deliver, and officers' programs that pass something on."""
