// The servers, in the order of the tables' columns.
import * as bun from "./bun.mjs";
import * as deno from "./deno.mjs";
import * as nginx from "./nginx.mjs";
import * as node from "./node.mjs";
import * as selvage from "./selvage.mjs";
import * as workerd from "./workerd.mjs";

export const servers = { selvage, workerd, node, bun, deno, nginx };

/** Versions of the servers that are installed: { name: version }. */
export function installed() {
  const versions = Object.entries(servers).map(([name, server]) => [name, server.version()]);
  return Object.fromEntries(versions.filter(([, version]) => version !== undefined));
}
