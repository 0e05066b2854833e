// Objects that each hold one hibernating WebSocket: /<name> upgrades. A message is echoed.
export class Holder {
  constructor(ctx) {
    this.ctx = ctx;
  }

  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket, message) {
    socket.send(message);
  }
}

export default {
  fetch(request, env) {
    if (request.headers.get("upgrade") !== "websocket") return new Response("a WebSocket, please");
    const { pathname } = new URL(request.url);
    return env.HOLDERS.get(env.HOLDERS.idFromName(pathname)).fetch(request);
  },
};
