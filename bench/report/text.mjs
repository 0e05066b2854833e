// Figures as a reader wants them: three digits that matter, units, thin spaces between thousands.

/** A number with about three significant digits. */
export function rounded(value) {
  if (value >= 100) return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Requests and the like, by the second. */
export const rate = (value) => rounded(value >= 10_000 ? Math.round(value / 100) * 100 : value);

/** A time that is given in microseconds. */
export function time(us) {
  if (us < 1000) return `${Math.round(us)} µs`;
  return us < 1e6 ? `${rounded(us / 1000)} ms` : `${rounded(us / 1e6)} s`;
}

export const times = (ratio) => `${rounded(ratio)}×`;

/** A Markdown table; the first column is text, the others are figures. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
