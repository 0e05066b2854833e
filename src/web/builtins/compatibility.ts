// What depends on a worker's compatibility date and flags. All else is as on the newest date.
// https://developers.cloudflare.com/workers/configuration/compatibility-flags/

/** What the flags decide; the newest date's until applyCompatibility(). */
export const compatibility = {
  /** "blob" as the standard has it, or "arraybuffer" as Workers had it for long. */
  binaryType: "blob" as "blob" | "arraybuffer",
};

/** Whether a change that became the default at `since` applies. `date` is "YYYY-MM-DD", or "". */
export function hasCompatibility(
  date: string, flags: readonly string[], enable: string, disable: string, since: string,
): boolean {
  return !flags.includes(disable) && (flags.includes(enable) || date >= since);
}

/** Once, before the worker's modules run. */
export function applyCompatibility(date: string, flags: readonly string[]): void {
  compatibility.binaryType = hasCompatibility(
    date, flags,
    "websocket_standard_binary_type", "no_websocket_standard_binary_type", "2026-03-17",
  )
    ? "blob"
    : "arraybuffer";
}
