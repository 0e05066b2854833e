// 100 WebSockets: each says one message after the other to a plain worker or an object, or four of
// them speak to all through one object.
import { load_output } from "../loads/child.mjs";
import { repeated } from "../measure/quiet_machine.mjs";
import { websocket_load } from "../paths.mjs";
import { single } from "../servers/deployment.mjs";
import { servers } from "../servers/index.mjs";
import { with_server } from "../servers/server_process.mjs";
import { at_least } from "./targets.mjs";

const clients = 100;
const plain = single("websocket", "websocket_echo");
const rooms = single("rooms", "websocket_rooms", {
  objects: { ROOMS: "Room", HIBERNATING: "HibernatingRoom" },
});

async function load({ url, host }, seconds, path, mode) {
  const { hostname, port } = new URL(url);
  const args = [hostname, port, host, String(clients), String(seconds), path, mode];
  return JSON.parse(await load_output([websocket_load, ...args]));
}

let runs = 0;

function workload({ name, title, deployment, path, mode, targets = [] }) {
  // Each run has a room of its own: what is left of the one before does not listen.
  const address = () => (deployment === rooms ? `${path}?${++runs}` : path);
  return {
    name,
    title: `WebSocket ${title}, ${clients} clients`,
    unit: mode === "echo" ? "messages/s" : "deliveries/s",
    peers: ["selvage", "workerd"],
    targets,
    measure: (peer, plan) =>
      with_server(
        () => servers[peer].start(deployment),
        async (server) => {
          const target = server.target(deployment.workers[0].name);
          await load(target, plan.warm_seconds, address(), mode);
          const figures = await repeated(plan, server.pid, () => load(target, plan.seconds, address(), mode), "per_second");
          return { ...figures, memory_mib: server.memory() / 2 ** 20 };
        },
      ),
  };
}

const through_object = (name, title, path, mode) =>
  workload({ name, title, path, mode, deployment: rooms, targets: [at_least("2.5 times workerd", "per_second", 2.5, { peer: "workerd" })] });

export const websocket = [
  workload({ name: "websocket", title: "echo", deployment: plain, path: "/", mode: "echo" }),
  through_object("websocket_object", "echo through one object", "/accept", "echo"),
  through_object("websocket_hibernation", "echo through one object that may hibernate", "/hibernate", "echo"),
  through_object("websocket_broadcast", "broadcast through one object", "/accept", "broadcast"),
  through_object("websocket_hibernation_broadcast", "broadcast through one object that may hibernate", "/hibernate", "broadcast"),
];
