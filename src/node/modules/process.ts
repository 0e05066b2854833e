// The process that Node programs expect, as far as a worker is one.
// https://nodejs.org/api/process.html
import { natives } from "../../web/builtins/natives.ts";
import { nodeEnv as given } from "../../worker/builtins/node_modules.ts";
import EventEmitter from "node:events";
import { isBuiltin, requireBuiltin } from "../builtin_names.ts";
import { checkFunction } from "../errors.ts";

type Callback = (...args: any[]) => unknown;

const process: Record<string, any> = Object.create(EventEmitter.prototype as object);
(EventEmitter as any).call(process);

/** Values become strings, as in an environment. */
export const env: Record<string, string> = new Proxy(given, {
  set: (target, name, value) => Reflect.set(target, name, typeof name === "symbol" ? value : `${value}`),
  defineProperty: (target, name, descriptor) =>
    Reflect.defineProperty(target, name, "value" in descriptor ? { ...descriptor, value: `${descriptor.value}` } : descriptor),
});

export function nextTick(callback: Callback, ...args: unknown[]): void {
  checkFunction(callback, "callback");
  queueMicrotask(() => void callback(...args));
}

export function cwd(): string {
  return "/bundle";
}

export function hrtime(since?: [number, number]): [number, number] {
  const now = hrtime.bigint();
  const seconds = Number(now / 1_000_000_000n);
  const nanoseconds = Number(now % 1_000_000_000n);
  if (since === undefined) return [seconds, nanoseconds];
  const rest = nanoseconds - since[1];
  return rest < 0 ? [seconds - since[0] - 1, rest + 1_000_000_000] : [seconds - since[0], rest];
}
/** The wall clock's, as no finer one is given to scripts. */
hrtime.bigint = (): bigint => BigInt(Math.trunc(natives.wallClock())) * 1_000_000n;

const start = natives.wallClock();
export function uptime(): number {
  return (natives.wallClock() - start) / 1000;
}

export function exit(code: number = process.exitCode ?? 0): never {
  throw new Error(`process.exit(${code}) called: a worker can't end its process`);
}

export function emitWarning(warning: unknown, type: unknown = "Warning", code?: string): void {
  const details = (typeof type === "object" ? type : { type, code }) as { type?: string; code?: string };
  const error =
    warning instanceof Error ? warning : Object.assign(new Error(String(warning)), { name: details.type ?? "Warning" });
  if (details.code !== undefined) Object.assign(error, { code: details.code });
  console.warn(`${details.code === undefined ? "" : `[${details.code}] `}${error.name}: ${error.message}`);
  nextTick(() => process.emit("warning", error));
}

export function getBuiltinModule(name: string): unknown {
  return isBuiltin(name) ? requireBuiltin(name) : undefined;
}

export function umask(): number {
  return 0o22;
}

export const platform = "linux";
export const arch = "x64";
export const title = "workerd";
export const version = "v22.19.0";
export const versions = { node: "22.19.0" };
export const release = { name: "node" };
export const pid = 1;
export const ppid = 0;
export const argv = ["workerd"];
export const argv0 = "workerd";
export const execArgv: string[] = [];
export const execPath = "";
export const exitCode = undefined;
export const features = Object.freeze({
  inspector: false, debug: false, uv: false, ipv6: true, tls_alpn: true, tls_sni: true, tls_ocsp: true, tls: true,
  cached_builtins: true, typescript: false, require_module: false,
});
export const config = { target_defaults: {}, variables: {} };
export const allowedNodeEnvironmentFlags = new Set<string>();
export const noDeprecation = false;
export const throwDeprecation = false;
export const traceDeprecation = false;

/** A stream as far as programs print to it. */
function output(write: (text: string) => void, fd: number): object {
  let rest = "";
  return {
    fd,
    isTTY: false,
    writable: true,
    write(chunk: unknown): boolean {
      // console adds the end of the line.
      const lines = (rest + (typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk as Uint8Array))).split("\n");
      rest = lines.pop()!;
      for (const line of lines) write(line);
      return true;
    },
    end(): void {
      if (rest !== "") write(rest);
      rest = "";
    },
    on() {
      return this;
    },
    once() {
      return this;
    },
    emit: () => false,
  };
}
export const stdout = output((text) => console.log("%s", text), 1);
export const stderr = output((text) => console.error("%s", text), 2);

Object.assign(process, {
  allowedNodeEnvironmentFlags, arch, argv, argv0, config, cwd, emitWarning, env, execArgv, execPath, exit, exitCode,
  features, getBuiltinModule, hrtime, nextTick, noDeprecation, pid, platform, ppid, release, stderr,
  stdout, throwDeprecation, title, traceDeprecation, umask, uptime, version, versions,
});
Object.defineProperty(process, Symbol.toStringTag, { value: "process", configurable: true });
export default process;
