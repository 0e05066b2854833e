// fetch() with Upgrade of a worker that answers without a socket.
import { print } from "lines";

export const worker = {
  fetch: (request) => new Response(`upgrade ${request.headers.get("upgrade")}`),
};

export default async (env) => {
  const response = await env.SELF.fetch("http://s/", { headers: { upgrade: "websocket", connection: "upgrade" } });
  print("response", response.status, response.webSocket, await response.text());
};
