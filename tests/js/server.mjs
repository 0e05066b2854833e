// Starts `bin/selvage serve` on a project and waits until it answers.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { program } from "../support/selvage.mjs";

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** { url, log(), stop() }. Throws with the server's output when it does not come up. */
export async function startSelvage(project, extra = []) {
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), "selvage-test-"));
  const child = spawn(
    program,
    ["serve", project, "--port", String(port), "--data", data, "--threads", "1", ...extra],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const exited = once(child, "exit");
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      const hard = setTimeout(() => child.kill("SIGKILL"), 10000);
      await exited;
      clearTimeout(hard);
    }
    rmSync(data, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 30000;
  for (;;) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`selvage serve did not start:\n${output}`);
    }
    try {
      await (await fetch(`${url}/no-body`)).text();
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return { url, port, log: () => output, stop };
}
