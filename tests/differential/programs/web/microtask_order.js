// Microtasks, async functions and thenables run in the language's order.
import { attempt, print } from "lines";

export default async () => {
  const log = [];
  const run = async (name) => {
    log.push(`${name} 1`);
    await null;
    log.push(`${name} 2`);
    await { then: (resolve) => resolve() };
    log.push(`${name} 3`);
  };
  const a = run("a");
  const b = run("b");
  queueMicrotask(() => log.push("queued"));
  Promise.resolve().then(() => log.push("then")).then(() => log.push("then then"));
  await Promise.all([a, b]);
  print("log", log);
  await attempt("queueMicrotask of nothing", () => queueMicrotask());
  await attempt("of text", () => queueMicrotask("x"));
};
