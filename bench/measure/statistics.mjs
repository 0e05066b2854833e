// Medians and quantiles over plain arrays of numbers.

/** The value below which `share` (0 to 1) of `values` lie: the nearest rank, no interpolation. */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median of each numeric field of `records`; other fields are taken from the first. */
export function medians(records) {
  const out = { ...records[0] };
  for (const [key, value] of Object.entries(out)) {
    if (typeof value === "number") out[key] = median(records.map((record) => record[key]));
  }
  return out;
}
