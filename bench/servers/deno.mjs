// deno: `deno serve` serves `export default { fetch }` as it stands.
import { binary_of, version_of } from "./npm_binary.mjs";
import { free_port, ServerProcess } from "./server_process.mjs";

export const name = "deno";
const binary = binary_of("deno");

export const version = () => version_of(binary);

export async function start({ label, workers: [{ source }] }) {
  const port = await free_port();
  const command = [binary, "serve", "--quiet", "--no-config", "--host", "127.0.0.1", "--port", String(port), source];
  const server = new ServerProcess(`${label}-deno`, command, port, { environment: { DENO_NO_UPDATE_CHECK: "1" } });
  server.target = () => ({ url: server.url, host: server.host });
  return server;
}
