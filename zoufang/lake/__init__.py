"""The lake: what every number counts, as files that one large machine or a cluster adds up for a province or the nation."""
