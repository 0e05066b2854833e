export interface Env {
  CACHE: KVNamespace;
  COUNTER: DurableObjectNamespace;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    switch (new URL(request.url).pathname) {
      case "/":
        return new Response("Hello from the edge 🚀");
      case "/cached":
        return cached(env);
      case "/counter":
      case "/visits":
        return counted(request, env);
      default:
        return new Response("Not found\n", { status: 404 });
    }
  },
};

// Workers KV: read at every edge location, written seldom, gone after a minute.
async function cached(env: Env): Promise<Response> {
  let data = await env.CACHE.get("homepage_data");
  if (!data) {
    data = JSON.stringify({ message: "Fresh data" });
    await env.CACHE.put("homepage_data", data, { expirationTtl: 60 });
  }
  return new Response(data, { headers: { "Content-Type": "application/json" } });
}

// A Durable Object: of each id there is one in the whole world, and everyone talks to that one.
async function counted(request: Request, env: Env): Promise<Response> {
  const id = env.COUNTER.idFromName("global");
  const obj = env.COUNTER.get(id);
  return obj.fetch(request);
}

export class Counter {
  value = 0;

  constructor(private ctx: DurableObjectState) {}

  async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === "/visits") return this.visits();
    this.value++;
    return new Response(this.value.toString());
  }

  // The same, but kept: the answer leaves only when the new value is safe on disk.
  async visits(): Promise<Response> {
    const visits = ((await this.ctx.storage.get<number>("visits")) ?? 0) + 1;
    await this.ctx.storage.put("visits", visits);
    return new Response(visits.toString());
  }
}
