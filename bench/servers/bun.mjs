// bun: serves `export default { fetch }` as it stands.
import { binary_of, version_of } from "./npm_binary.mjs";
import { free_port, ServerProcess } from "./server_process.mjs";

export const name = "bun";
const binary = binary_of("bun");

export const version = () => version_of(binary);

export async function start({ label, workers: [{ source }] }) {
  const port = await free_port();
  const environment = { PORT: String(port), NODE_ENV: "production" };
  const server = new ServerProcess(`${label}-bun`, [binary, source], port, { environment });
  server.target = () => ({ url: server.url, host: server.host });
  return server;
}
