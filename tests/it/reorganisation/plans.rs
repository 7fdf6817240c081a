//! Plans: drawn up, tried, applied, scheduled, confirmed by another, taken back; and what hangs on units.
