export default {
  fetch(request: Request): Response {
    if (request.headers.get("Upgrade") !== "websocket") {
      return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
    }
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    server.accept();
    server.addEventListener("message", (event) => {
      server.send(typeof event.data === "string" ? `You said: ${event.data}` : event.data);
    });
    server.addEventListener("close", (event) => server.close(event.code, event.reason));
    return new Response(null, { status: 101, webSocket: client });
  },
};

const page = `<!doctype html>
<meta charset="utf-8">
<title>Echo</title>
<form><input autofocus placeholder="Say something"></form>
<ul></ul>
<script>
  const socket = new WebSocket(location.href.replace("http", "ws"));
  const show = (text) => document.querySelector("ul").append(
    Object.assign(document.createElement("li"), { textContent: text }));
  socket.onopen = () => show("connected");
  socket.onmessage = (event) => show(event.data);
  socket.onclose = () => show("closed");
  document.querySelector("form").onsubmit = (event) => {
    event.preventDefault();
    const input = document.querySelector("input");
    socket.send(input.value);
    input.value = "";
  };
</script>
`;
