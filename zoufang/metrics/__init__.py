"""The engine of numbers: declared once, counted, drilled into and documented from the same declaration. Knows units only."""
