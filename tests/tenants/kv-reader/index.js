// Reads the KV namespace of examples/edge-api and never writes.
export default {
  async fetch(request, env) {
    return new Response(await env.CACHE.get(new URL(request.url).pathname.slice(1)) ?? "null");
  },
};
