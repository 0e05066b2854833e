// Durable Objects that show what their storage does: each program runs in an object of its own, and
// what it says is compared with what it says on workerd.
import { entries } from "./entries.js";
import { sql } from "./sql.js";
import { alarms } from "./alarms.js";
import { transactions } from "./transactions.js";

export const programs = { ...sql, ...entries, ...transactions, ...alarms };

/** JSON that keeps what JSON forgets. */
function show(value) {
  return JSON.stringify(value, (key, each) => {
    if (each === undefined) return "(undefined)";
    if (typeof each === "bigint") return `(bigint ${each})`;
    if (Object.is(each, -0)) return "(-0)";
    if (typeof each === "number" && !Number.isFinite(each)) return `(${each})`;
    if (each instanceof ArrayBuffer) return { arrayBuffer: [...new Uint8Array(each)] };
    if (each instanceof Map) return { map: [...each] };
    return each;
  });
}

export class Stored {
  constructor(ctx, env) {
    Object.assign(this, { ctx, env, storage: ctx.storage });
    this.memory = {};
  }

  async fetch(request) {
    const program = programs[new URL(request.url).pathname.slice(1)];
    let said;
    try {
      said = await program(this);
    } catch (error) {
      said = `thrown: ${error?.name}: ${error?.message}`;
    }
    return new Response(show(said) ?? '"(undefined)"');
  }

  async alarm(info) {
    await this.onAlarm?.(info);
  }
}

/** Has no alarm(). */
export class Silent {
  constructor(ctx) {
    this.storage = ctx.storage;
  }
  async fetch() {
    try {
      await this.storage.setAlarm(Date.now() + 1e6);
      return Response.json("set");
    } catch (error) {
      return Response.json(`${error.name}: ${error.message}`);
    }
  }
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/programs") return Response.json(Object.keys(programs));
    const name = url.searchParams.get("name") ?? url.pathname;
    try {
      const namespace = url.pathname === "/silent" ? env.SILENT : env.OBJECT;
      return await namespace.getByName(name).fetch(request);
    } catch (error) {
      return new Response(show(`the object: ${error.name}: ${error.message}`));
    }
  },
};
