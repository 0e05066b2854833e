import page from "./page.html";
import { Room } from "./room";

export { Room };

interface Env {
  ROOMS: DurableObjectNamespace<Room>;
}

export default {
  fetch(request: Request, env: Env): Response | Promise<Response> {
    const path = new URL(request.url).pathname;
    const socket = /^\/rooms\/([\w-]{1,50})\/socket$/.exec(path);
    if (socket) {
      if (request.headers.get("Upgrade") !== "websocket") {
        return new Response("This address speaks WebSocket.\n", { status: 426, headers: { Upgrade: "websocket" } });
      }
      // Every name is a room: it is there as soon as somebody enters.
      return env.ROOMS.getByName(socket[1]!.toLowerCase()).fetch(request);
    }
    if (path === "/" || /^\/rooms\/[\w-]{1,50}$/.test(path)) {
      return new Response(page, {
        headers: {
          "Content-Type": "text/html; charset=utf-8",
          "Content-Security-Policy": "default-src 'self' 'unsafe-inline'",
        },
      });
    }
    return new Response("There is nothing here.\n", { status: 404 });
  },
};
