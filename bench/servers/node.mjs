// node's own HTTP server, in the executable that carries Selvage's engine.
import { worker } from "../paths.mjs";
import { free_port, ServerProcess } from "./server_process.mjs";

export const name = "node";

export const version = () => process.versions.node;

export async function start({ label }) {
  const port = await free_port();
  const command = [process.execPath, worker("node_server").replace(/\.js$/, ".mjs")];
  const server = new ServerProcess(`${label}-node`, command, port, { environment: { PORT: String(port) } });
  server.target = () => ({ url: server.url, host: server.host });
  return server;
}
