// A server under measurement: started on its core, asked until it answers, stopped for good.
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { pinned, server_core } from "../measure/pinning.mjs";
import { process_tree, tree_memory } from "../measure/processor_time.mjs";
import { output } from "../paths.mjs";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A port that nobody listens on at the moment. */
export function free_port() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Whether one request over a fresh connection is answered with a status. */
function answers(port, host) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (answered) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(20_000, () => done(false));
    socket.once("error", () => done(false));
    socket.once("close", () => done(false));
    socket.once("data", (data) => done(data.includes("HTTP/1.1 ")));
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
}

export class ServerProcess {
  /** `name` names the log under build/bench; `host` is the Host that the first question carries. */
  constructor(name, command, port, { cwd, environment, host } = {}) {
    this.name = name;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.host = host ?? `127.0.0.1:${port}`;
    mkdirSync(join(output, "logs"), { recursive: true });
    this.log = join(output, "logs", `${name}.log`);
    const log = openSync(this.log, "w");
    const [program, ...args] = pinned(server_core, command);
    this.started = performance.now();
    this.child = spawn(program, args, { cwd, stdio: ["ignore", log, log], env: { ...process.env, ...environment } });
    closeSync(log);
    this.ended = new Promise((resolve) => {
      this.child.once("error", resolve);
      this.child.once("exit", (code, signal) => resolve(new Error(`${name} ended by itself (${signal ?? code})`)));
    });
    this.ended.then((reason) => (this.failure = reason));
  }

  get pid() {
    return this.child.pid;
  }

  /** Resident bytes of all its processes. */
  memory() {
    return tree_memory(this.pid);
  }

  /** Waits for the first answer; returns itself. `first_answer_ms` tells how long that took. */
  async ready(patience_ms = 60_000) {
    while (!(await answers(this.port, this.host))) {
      if (this.failure) throw new Error(`${this.failure.message}\n${this.said()}`);
      if (performance.now() - this.started > patience_ms) {
        await this.stop();
        throw new Error(`no answer within ${patience_ms} ms\n${this.said()}`);
      }
      await pause(0.3);
    }
    this.first_answer_ms = performance.now() - this.started;
    return this;
  }

  said() {
    return readFileSync(this.log, "utf8").split("\n").slice(-30).join("\n");
  }

  /** Ends it politely, and its whole tree impolitely if it does not go within `patience_ms`. */
  async stop(patience_ms = 2000) {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const tree = process_tree(this.pid);
    this.child.kill("SIGTERM");
    const gone = await Promise.race([this.ended.then(() => true), pause(patience_ms)]);
    if (gone) return;
    console.log(`    ${this.name} did not end within ${patience_ms} ms of SIGTERM`);
    for (const pid of [...tree, ...process_tree(this.pid)]) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // gone already
      }
    }
    await this.ended;
  }
}

/** Starts a server, hands it to `use`, stops it whatever happens, and fails if it died meanwhile. */
export async function with_server(start, use) {
  const server = await start();
  try {
    await server.ready();
    const figures = await use(server);
    if (server.failure) throw new Error(`${server.failure.message}\n${server.said()}`);
    return figures;
  } finally {
    await server.stop();
  }
}
