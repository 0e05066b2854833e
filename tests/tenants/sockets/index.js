// WebSockets that a worker or a Durable Object accepts.
const closes = [];

function accept(answer, name) {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.addEventListener("message", (event) => answer(server, event.data));
  server.addEventListener("close", (event) => {
    closes.push({ name, code: event.code, reason: event.reason, clean: event.wasClean });
  });
  return new Response(null, { status: 101, webSocket: client });
}

/** What is said in a room is heard by everyone in it. */
export class Room {
  people = new Set();

  fetch(request) {
    if (request.headers.get("Upgrade") !== "websocket") return new Response(String(this.people.size));
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    this.people.add(server);
    server.addEventListener("message", (event) => {
      for (const each of this.people) each.send(event.data);
    });
    server.addEventListener("close", () => this.people.delete(server));
    server.send(`you are number ${this.people.size}`);
    return new Response(null, { status: 101, webSocket: client });
  }
}

export default {
  fetch(request, env) {
    const url = new URL(request.url);
    const name = url.searchParams.get("name");
    switch (url.pathname) {
      case "/echo":
        return accept((socket, data) => socket.send(data), name);
      case "/close":
        return accept((socket, data) => {
          const [code, reason] = JSON.parse(data);
          socket.close(code, reason);
        }, name);
      case "/throw":
        return accept(() => {
          throw new Error("in a listener");
        }, name);
      case "/flood":
        return accept((socket, data) => {
          for (let i = 0; i < Number(data); ++i) socket.send(`${i}`);
        }, name);
      case "/protocol": {
        const response = accept((socket, data) => socket.send(data), name);
        return new Response(null, { status: 101, webSocket: response.webSocket, headers: { "Sec-WebSocket-Protocol": "chat" } });
      }
      case "/never-accepted": {
        const [client] = Object.values(new WebSocketPair());
        return new Response(null, { status: 101, webSocket: client });
      }
      case "/room":
        return env.ROOM.getByName(name ?? "lobby").fetch(request);
      case "/closes":
        return Response.json(closes.filter((each) => each.name === name));
    }
    return new Response("no such path", { status: 404 });
  },
};
