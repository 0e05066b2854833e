import "./cases/abort.js";
import "./cases/base64.js";
import "./cases/blob.js";
import "./cases/body.js";
import "./cases/clone.js";
import "./cases/compression.js";
import "./cases/crypto.js";
import "./cases/events.js";
import "./cases/form_data.js";
import "./cases/globals.js";
import "./cases/headers.js";
import "./cases/messages.js";
import "./cases/request.js";
import "./cases/response.js";
import "./cases/streams.js";
import "./cases/subtle.js";
import "./cases/text.js";
import "./cases/timers.js";
import "./cases/url.js";
import "./cases/urlpattern.js";
import "./cases/websocket.js";
import { incoming } from "./cases/incoming.js";
import { runAll } from "./harness.js";

export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === "/run") {
      return Response.json(await runAll(url.searchParams.get("only")));
    }
    return incoming(request, url);
  },
};
