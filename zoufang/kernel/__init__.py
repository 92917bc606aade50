"""What every storey stands on: periods, the working calendar, refusals. Knows no app and does no I/O."""
