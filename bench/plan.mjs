// How long and how often to measure.

/** What docs/benchmarks.md is made with. */
export const full = { seconds: 5, warm_seconds: 2, runs: 3, retries: 4, patience_ms: 8000, starts: 15, isolates: 300, deployed: 1000, objects: 100_000, sockets: 5000 };

/** A look at the direction, in about a minute; too short to be quoted. */
export const quick = { seconds: 1, warm_seconds: 0.5, runs: 1, retries: 1, patience_ms: 1500, starts: 3, isolates: 300, deployed: 200, objects: 10_000, sockets: 1000 };
