// Says back every message of a WebSocket.
export default {
  fetch(request) {
    if (request.headers.get("upgrade") !== "websocket") return new Response("Speak WebSocket");
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener("message", (event) => server.send(event.data));
    server.addEventListener("close", () => server.close(1000));
    return new Response(null, { status: 101, webSocket: client });
  },
};
