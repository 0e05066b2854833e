import { DurableObject } from "cloudflare:workers";

interface Env {
  CAPACITY: number;
  PER_SECOND: number;
  BUCKETS: DurableObjectNamespace<Bucket>;
}

interface Level {
  tokens: number;
  at: number; // milliseconds: when there were so many
}

interface Decision {
  allowed: boolean;
  left: number;
  retryAfter: number; // seconds until there is a token again
}

/** The tokens of one key. An object does one thing at a time, so no two requests get the same token. */
export class Bucket extends DurableObject<Env> {
  async take(): Promise<Decision> {
    const { CAPACITY, PER_SECOND } = this.env;
    const now = Date.now();
    const before = (await this.ctx.storage.get<Level>("level")) ?? { tokens: CAPACITY, at: now };
    // A clock that was set back gives nothing.
    const gained = (Math.max(0, now - before.at) / 1000) * PER_SECOND;
    const tokens = Math.min(CAPACITY, before.tokens + gained);
    const allowed = tokens >= 1;
    const left = allowed ? tokens - 1 : tokens;
    // The answer leaves only when this is on disk: a crash gives no token twice.
    await this.ctx.storage.put<Level>("level", { tokens: left, at: Math.max(now, before.at) });
    return { allowed, left: Math.floor(left), retryAfter: Math.ceil(Math.max(0, 1 - left) / PER_SECOND) };
  }
}

export default {
  async fetch(request, env) {
    const key = request.headers.get("X-Api-Key") ?? request.headers.get("CF-Connecting-IP") ?? "anonymous";
    const { allowed, left, retryAfter } = await env.BUCKETS.getByName(key).take();
    const headers = { "RateLimit-Limit": String(env.CAPACITY), "RateLimit-Remaining": String(left) };
    if (!allowed) {
      return new Response("Too many requests\n", { status: 429, headers: { ...headers, "Retry-After": String(retryAfter) } });
    }
    // Here the work would be done that needs protection.
    return new Response(`Welcome, ${key}\n`, { headers });
  },
} satisfies ExportedHandler<Env>;
