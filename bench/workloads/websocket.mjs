// 100 WebSockets through a plain worker, each with one message under way.
import { join } from "node:path";
import { load_output } from "../loads/child.mjs";
import { repeated } from "../measure/quiet_machine.mjs";
import { bench } from "../paths.mjs";
import { single } from "../servers/deployment.mjs";
import { servers } from "../servers/index.mjs";
import { with_server } from "../servers/server_process.mjs";

const clients = 100;
const deployment = single("websocket", "websocket_echo");

async function echo({ url, host }, seconds) {
  const client = join(bench, "loads/websocket_client.mjs");
  return JSON.parse(await load_output([process.execPath, client, url, host, String(clients), String(seconds)]));
}

export const websocket = {
  name: "websocket",
  title: `WebSocket echo, ${clients} clients`,
  unit: "messages/s",
  peers: ["selvage", "workerd"],
  targets: [],
  measure: (peer, plan) =>
    with_server(
      () => servers[peer].start(deployment),
      async (server) => {
        const target = server.target(deployment.workers[0].name);
        await echo(target, plan.warm_seconds);
        const figures = await repeated(plan, server.pid, () => echo(target, plan.seconds), "per_second");
        return { ...figures, memory_mib: server.memory() / 2 ** 20 };
      },
    ),
};
