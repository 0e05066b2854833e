// Runs the selvage program as people do, and waits for what it says.
//
// SELVAGE_BIN chooses the program; without it bin/selvage runs, or where that is not built yet the
// release build.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

const places = ["bin/selvage", "build/release/engine/selvage"].map((place) => join(root, place));
export const program = process.env.SELVAGE_BIN ?? places.find((place) => existsSync(place)) ?? places[0];

const environment = { ...process.env, NO_COLOR: "1", FORCE_COLOR: "", CLOUDFLARE_ENV: "" };

// Tests end their sessions; this is for a test runner that is stopped in the middle.
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL"); // its engine goes with it
});

/**
 * For what a suite's before() starts: call in the describe() itself, and pass where a test's `t` is
 * wanted. Ends with the suite.
 */
export function lifetime() {
  const ends = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return { after: (end) => ends.push(end) };
}

/** A command to its end: { status, stdout, stderr }. */
export function run(args, options = {}) {
  return spawnSync(program, args, { encoding: "utf8", env: environment, timeout: 30_000, ...options });
}

const cleanups = new WeakMap();

/** After the test, the last first: a session ends before its folder is removed. */
function cleanUp(t, work) {
  if (!cleanups.has(t)) {
    cleanups.set(t, []);
    t.after(async () => {
      for (const each of cleanups.get(t).reverse()) await each();
    });
  }
  cleanups.get(t).push(work);
}

/** A folder that is removed after the test. */
export function temporaryFolder(t) {
  const path = mkdtempSync(join(tmpdir(), "selvage-e2e-"));
  // An engine whose session was killed may still write for a moment.
  cleanUp(t, () => rmSync(path, { recursive: true, force: true, maxRetries: 40, retryDelay: 50 }));
  return path;
}

/** Writes files into a folder: { "public/index.html": "<h1>home</h1>" }. */
export function writeFiles(folder, files) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/**
 * A project folder, removed after the test: one worker `name` with this source, and lines of
 * wrangler.toml that follow the first ones.
 */
export function project(t, { name = "w", source, config = "", files = {} }) {
  const folder = temporaryFolder(t);
  const all = {
    "wrangler.toml": `name = "${name}"\nmain = "index.js"\ncompatibility_date = "2026-01-01"\n${config}`,
    "index.js": source,
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/**
 * `selvage serve` on a free port with a data folder of its own, ready to answer. `t` is a test or
 * a lifetime().
 */
export function serve(t, projects, ...args) {
  const data = args.includes("--data") ? [] : ["--data", temporaryFolder(t)];
  return new Session(t, ["serve", ...[projects].flat(), "--port", "0", ...data, ...args]).ready();
}

/** A session of `selvage dev` or `selvage serve`, ended after the test. */
export class Session {
  constructor(t, args, options = {}) {
    this.output = "";
    this.child = spawn(program, args, { env: environment, stdio: ["ignore", "pipe", "pipe"], ...options });
    running.add(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        this.output += text;
        this.check?.();
      });
    }
    this.exited = once(this.child, "exit").then(([code, signal]) => {
      running.delete(this.child);
      this.ended = true;
      this.check?.();
      return signal ?? code;
    });
    cleanUp(t, () => this.stop("SIGKILL"));
  }

  /** Until the output after the last wait matches; returns the match. */
  async waitFor(pattern, seconds = 20) {
    const start = this.read ?? 0;
    let timer;
    const found = await new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${why} before ${pattern}:\n${this.output.slice(start)}`));
      this.check = () => {
        const match = this.output.slice(start).match(pattern);
        if (match) {
          this.read = start + match.index + match[0].length;
          resolve(match);
        } else if (this.ended) {
          fail("ended");
        }
      };
      timer = setTimeout(() => fail(`${seconds} s passed`), seconds * 1000);
      this.check();
    });
    clearTimeout(timer);
    this.check = undefined;
    return found;
  }

  /** Until it answers; sets `port` and `url`. */
  async ready() {
    const [, url, port] = await this.waitFor(/(http:\/\/\S+?:(\d+))[\s\S]*Ready in/);
    Object.assign(this, { port: Number(port), url: `http://localhost:${port}`, shownUrl: url });
    return this;
  }

  async get(path = "/", init) {
    return await (await fetch(this.url + path, init)).text();
  }

  /** Process ids of what it started. */
  children() {
    return childrenOf(this.child.pid);
  }

  /** Process id of the engine, which is there once it is ready. */
  engine() {
    const engines = this.children().filter((pid) => commandLine(pid).includes("selvage_engine.node"));
    if (engines.length !== 1) throw new Error(`${engines.length} engines run:\n${this.output}`);
    return engines[0];
  }

  /** Kills the engine and returns when another one is there. */
  async killEngine() {
    const before = this.engine();
    process.kill(before, "SIGKILL");
    await this.waitFor(/the engine was killed by SIGKILL/);
    await this.waitFor(/running again/);
    return before;
  }

  async stop(signal = "SIGTERM") {
    if (!this.ended) this.child.kill(signal);
    return await this.exited;
  }
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // gone meanwhile
  }
}

function memoryMiB(pid, name) {
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
}

/** Resident memory of a process in MiB. */
export const residentMiB = (pid) => memoryMiB(pid, "VmRSS");

/** The most it had since resetPeak(). */
export const peakMiB = (pid) => memoryMiB(pid, "VmHWM");

export function resetPeak(pid) {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

export function childrenOf(parent) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const [state, ppid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return Number(ppid) === parent && state !== "Z";
      } catch {
        return false; // gone meanwhile
      }
    })
    .map(Number);
}

export function isRunning(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
  } catch {
    return false;
  }
}

/** Until `condition` gives something true; looks again every few milliseconds. */
export async function until(condition, what, seconds = 20) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`${seconds} s passed: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
