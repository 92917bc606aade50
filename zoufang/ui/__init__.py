"""How everything looks and answers: pages, lists, forms, ledgers' columns, polite refusals. Knows no app above it."""
