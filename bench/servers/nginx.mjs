// nginx answers hello from its configuration: what a web server in C does with no script at all.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fresh_folder } from "./scratch.mjs";
import { free_port, ServerProcess } from "./server_process.mjs";

export const name = "nginx";

export function version() {
  const { error, stderr } = spawnSync("nginx", ["-v"], { encoding: "utf8" });
  return error ? undefined : /\d+\.\d+\.\d+/.exec(stderr)?.[0];
}

export async function start({ label }) {
  const folder = fresh_folder(`${label}-nginx`);
  const port = await free_port();
  const path = (name) => join(folder, name);
  writeFileSync(
    path("nginx.conf"),
    `daemon off; worker_processes 1; pid ${path("pid")}; error_log ${path("error.log")};
events { worker_connections 1024; }
http {
  access_log off; default_type text/plain; keepalive_requests 1000000000;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${path(kind)};`).join(" ")}
  server { listen 127.0.0.1:${port}; location / { return 200 "Hello from the edge"; } }
}
`,
  );
  const command = ["nginx", "-p", folder, "-c", path("nginx.conf"), "-e", path("error.log")];
  const server = new ServerProcess(`${label}-nginx`, command, port);
  server.target = () => ({ url: server.url, host: server.host });
  return server;
}
