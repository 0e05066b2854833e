// HTTP load: wrk with one thread. Its percentiles are corrected for coordinated omission, so a
// pause of the server shows in p99 with all the requests that would have been sent meanwhile.
import { load_output } from "./child.mjs";

export const connections = 64;

const microseconds = { us: 1, ms: 1e3, s: 1e6, m: 6e7 };

function duration(text) {
  const [, amount, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text);
  return Number(amount) * microseconds[unit];
}

/** What wrk's report says: requests a second, latencies in microseconds, answers that were wrong. */
export function parse(report) {
  const latency = (share) => duration(new RegExp(`^\\s+${share}%\\s+(\\S+)`, "m").exec(report)[1]);
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(report);
  const socket = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(report);
  return {
    per_second: Number(/^Requests\/sec:\s+([\d.]+)/m.exec(report)[1]),
    p50_us: latency(50),
    p99_us: latency(99),
    max_us: duration(/^\s+Latency\s+\S+\s+\S+\s+(\S+)/m.exec(report)[1]),
    errors: Number(refused?.[1] ?? 0) + (socket ? socket.slice(1).reduce((sum, count) => sum + Number(count), 0) : 0),
  };
}

/** `target` is { url, host }; `script` the path of a Lua script that makes the requests. */
export async function wrk({ url, host }, path, seconds, { script } = {}) {
  const command = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--latency", "--timeout", "30s", "-H", `Host: ${host}`];
  if (script) command.push("-s", script);
  const figures = parse(await load_output([...command, url + path]));
  if (figures.per_second === 0) throw new Error(`no answer from ${path} in ${seconds} s`);
  return figures;
}
