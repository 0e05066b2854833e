// getWebSockets() in the constructor, and attachments as an object's state.
import { DurableObject } from "cloudflare:workers";
import { print, until } from "lines";

export class Room extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    print("constructor", ctx.getWebSockets().length);
  }

  fetch(request) {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment({ name: new URL(request.url).pathname, count: 0 });
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket) {
    const state = socket.deserializeAttachment();
    state.count++;
    socket.serializeAttachment(state);
    socket.send(`${state.name} ${state.count}`);
  }
}

export default async (env) => {
  const { webSocket } = await env.Room.getByName("r").fetch("http://r/a", { headers: { upgrade: "websocket" } });
  const seen = [];
  webSocket.accept();
  webSocket.addEventListener("message", ({ data }) => seen.push(data));
  webSocket.send("x");
  webSocket.send("y");
  await until(() => seen.length === 2);
  print("seen", seen);
};
