// What Selvage promises about a figure, and whether it is kept.
//
// A target compares `figure` of Selvage's result with a limit: an absolute one, or `limit` times
// the same figure of `peer` (or of another field of its own: `of`).

export const at_least = (says, figure, limit, { peer, of } = {}) => ({ says, figure, limit, peer, of, higher: true });
export const at_most = (says, figure, limit, { peer, of } = {}) => ({ says, figure, limit, peer, of, higher: false });

/** { says, reached, kept }, or undefined where what it compares with was not measured. */
export function judged(target, result) {
  const own = result.servers.selvage?.[target.figure];
  if (own === undefined) return undefined;
  let reached = own;
  if (target.peer) {
    const other = result.servers[target.peer]?.[target.figure];
    if (!other) return undefined;
    reached = own / other;
  } else if (target.of) {
    reached = own / result.servers.selvage[target.of];
  }
  return { says: target.says, reached, relative: Boolean(target.peer || target.of), kept: target.higher ? reached >= target.limit : reached <= target.limit };
}
