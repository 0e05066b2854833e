// Answers each probe's value, or its error, as text.
import { bodies } from "./bodies.js";
import { errors } from "./errors.js";
import { objects } from "./objects.js";
import { sockets } from "./sockets.js";

const groups = { bodies, errors, objects, sockets };

function describe(value) {
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? String(value);
}

async function run(probe, request) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve("(pending)"), 1000);
  });
  try {
    return describe(await Promise.race([probe(request), late]));
  } catch (error) {
    const name = error?.name ?? typeof error;
    return `${error instanceof DOMException ? "DOMException " : ""}${name}: ${error?.message}`;
  } finally {
    clearTimeout(timer);
  }
}

export default {
  async fetch(request) {
    if (new URL(request.url).pathname !== "/probes") return new Response("ready");
    const answers = {};
    for (const [group, probes] of Object.entries(groups)) {
      for (const [name, probe] of Object.entries(probes)) {
        answers[`${group}: ${name}`] = await run(probe, request);
      }
    }
    return Response.json(answers);
  },
};
