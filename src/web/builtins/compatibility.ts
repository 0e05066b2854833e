// What depends on a worker's compatibility date and flags. All else is as on the newest date.
// https://developers.cloudflare.com/workers/configuration/compatibility-flags/

/** What the flags decide; the newest date's until applyCompatibility(). */
export const compatibility = {
  /** "blob" as the standard has it, or "arraybuffer" as Workers had it for long. */
  binaryType: "blob" as "blob" | "arraybuffer",
};

/** `date` is "YYYY-MM-DD", or "" for none. Once, before the worker's modules run. */
export function applyCompatibility(date: string, flags: readonly string[]): void {
  const has = (enable: string, disable: string, since: string) =>
    !flags.includes(disable) && (flags.includes(enable) || date >= since);
  compatibility.binaryType = has(
    "websocket_standard_binary_type", "no_websocket_standard_binary_type", "2026-03-17",
  )
    ? "blob"
    : "arraybuffer";
}
