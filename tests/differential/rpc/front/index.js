// The caller's side. Answers each case's value, or its error, as text.
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import * as calls from "./calls.js";
import * as errors from "./errors.js";
import * as life from "./life.js";
import * as objects from "./objects.js";
import * as streams from "./streams.js";
import * as stubs from "./stubs.js";
import * as values from "./values.js";

const groups = { calls, errors, life, objects, streams, stubs, values };

export class Own extends WorkerEntrypoint {
  echo(value) {
    return value;
  }
  async callIt(callback, ...args) {
    return await callback(...args);
  }
  getFunction() {
    return (a) => a + 1;
  }
}

export class Here extends DurableObject {
  #count = 0;
  add(number) {
    return (this.#count += number);
  }
  async call(callback, value) {
    return await callback(value);
  }
}

function describe(value) {
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? String(value);
}

async function run(probe, env, ctx) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve("(pending)"), 30_000);
  });
  try {
    return describe(await Promise.race([probe(env, ctx), late]));
  } catch (error) {
    const name = error?.name ?? typeof error;
    return `${error instanceof DOMException ? "DOMException " : ""}${name}: ${error?.message}`;
  } finally {
    clearTimeout(timer);
  }
}

export default {
  async fetch(request, env, ctx) {
    const [, group, name] = new URL(request.url).pathname.split("/").map(decodeURIComponent);
    if (group === "list") {
      const names = Object.entries(groups).flatMap(([key, cases]) =>
        Object.keys(cases.default).map((each) => [key, each]),
      );
      return Response.json(names);
    }
    const probe = groups[group]?.default[name];
    if (probe === undefined) return new Response("ready");
    return new Response(await run(probe, env, ctx));
  },
};
