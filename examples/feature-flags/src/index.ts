interface Env {
  ADMIN_TOKEN: string;
  FLAGS: KVNamespace;
  PAGES: KVNamespace;
}

interface Flag {
  enabled: boolean;
  percent?: number; // of users; 100 if absent
  users?: string[]; // who always has it
}

interface CachedPage {
  status: number;
  type: string;
}

const cacheSeconds = 60;

/** The same user always gets the same answer, and each flag divides the users anew. */
async function bucketOf(flag: string, user: string): Promise<number> {
  const bytes = new TextEncoder().encode(`${flag}\n${user}`);
  return new DataView(await crypto.subtle.digest("SHA-256", bytes)).getUint32(0) % 100;
}

async function isOn(env: Env, name: string, user: string): Promise<boolean> {
  const flag = await env.FLAGS.get<Flag>(name, "json");
  if (flag === null || !flag.enabled) return false;
  if (flag.users?.includes(user)) return true;
  return (await bucketOf(name, user)) < (flag.percent ?? 100);
}

/** What takes long to make: with the flag "new-design" it looks otherwise. */
async function renderPage(env: Env, path: string, user: string): Promise<Response> {
  const design = (await isOn(env, "new-design", user)) ? "new" : "old";
  const body = `<!doctype html><title>${design}</title><p>The ${design} design of ${path}, made at ${new Date().toISOString()}\n`;
  return new Response(body, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}

/** A page by way of KV: made once for each path and design, and kept for a minute. */
async function cachedPage(env: Env, context: ExecutionContext, path: string, user: string): Promise<Response> {
  const variant = (await isOn(env, "new-design", user)) ? "new" : "old";
  const key = `${variant}:${path}`;
  const cached = await env.PAGES.getWithMetadata<CachedPage>(key, "stream");
  if (cached.value !== null && cached.metadata !== null) {
    const { status, type } = cached.metadata;
    return new Response(cached.value, { status, headers: { "Content-Type": type, "X-Cache": "hit" } });
  }
  const made = await renderPage(env, path, user);
  const metadata: CachedPage = { status: made.status, type: made.headers.get("Content-Type") ?? "" };
  // The client does not wait for it to be kept.
  context.waitUntil(env.PAGES.put(key, await made.clone().arrayBuffer(), { metadata, expirationTtl: cacheSeconds }));
  const response = new Response(made.body, made);
  response.headers.set("X-Cache", "miss");
  return response;
}

async function administer(request: Request, env: Env, [what, name]: string[]): Promise<Response> {
  if (request.headers.get("Authorization") !== `Bearer ${env.ADMIN_TOKEN}`) {
    return new Response("Send the header Authorization: Bearer, with the ADMIN_TOKEN\n", { status: 401 });
  }
  switch (`${request.method} ${what}`) {
    case "GET flags": {
      const { keys } = await env.FLAGS.list();
      return Response.json(Object.fromEntries(await Promise.all(keys.map(async ({ name }) => [name, await env.FLAGS.get(name, "json")]))));
    }
    case "PUT flags":
      await env.FLAGS.put(name!, JSON.stringify((await request.json()) as Flag));
      return new Response(null, { status: 204 });
    case "DELETE flags":
      await env.FLAGS.delete(name!);
      return new Response(null, { status: 204 });
    case "DELETE pages": {
      const { keys } = await env.PAGES.list();
      await Promise.all(keys.map((key) => env.PAGES.delete(key.name)));
      return new Response(null, { status: 204 });
    }
  }
  return new Response("Nothing to administer here\n", { status: 404 });
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    const user = searchParams.get("user") ?? "anonymous";
    const [first, ...rest] = pathname.slice(1).split("/");
    if (first === "admin") return await administer(request, env, rest);
    if (first === "flags" && rest[0]) return Response.json({ flag: rest[0], user, on: await isOn(env, rest[0], user) });
    return await cachedPage(env, context, pathname, user);
  },
} satisfies ExportedHandler<Env>;
