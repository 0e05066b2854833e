// Hands requests on to another worker, WebSockets included; at /heard it listens itself.
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname !== "/heard") return env.SOCKETS.fetch(request);
    const response = await env.SOCKETS.fetch("http://sockets/echo", { headers: { Upgrade: "websocket" } });
    const socket = response.webSocket;
    socket.accept();
    const heard = [];
    const done = new Promise((resolve) => {
      socket.addEventListener("message", (event) => {
        heard.push(event.data);
        if (heard.length === 3) socket.close(1000, "done");
      });
      socket.addEventListener("close", (event) => resolve(event.code));
    });
    for (const text of ["a", "b", "c"]) socket.send(text);
    return Response.json({ status: response.status, code: await done, heard });
  },
};
