import "./cases/assert.js";
import "./cases/async_hooks.js";
import "./cases/buffer.js";
import "./cases/crypto.js";
import "./cases/diagnostics_channel.js";
import "./cases/events.js";
import "./cases/modules.js";
import "./cases/path_and_url.js";
import "./cases/process_and_timers.js";
import "./cases/stream.js";
import "./cases/util.js";
import { runAll } from "../js/harness.js";

export default {
  async fetch(request) {
    const url = new URL(request.url);
    return url.pathname === "/run" ? Response.json(await runAll(url.searchParams.get("only"))) : new Response("ok");
  },
};
