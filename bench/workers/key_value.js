// /get and /put of 1 KiB under one key. A miss is an error: the load must not measure misses. Every
// put has another value: a store may see that nothing changed, and would have nothing to write.
let puts = 0;

export default {
  async fetch(request, env) {
    switch (new URL(request.url).pathname) {
      case "/put":
        await env.KV.put("key", `${++puts} `.padEnd(1024, "v"));
        return new Response("stored");
      case "/get": {
        const found = await env.KV.get("key");
        return new Response(found ?? "missing", { status: found === null ? 500 : 200 });
      }
      default:
        return new Response("/get or /put");
    }
  },
};
