// withEnv() and its like: what the imports are within them.
import { env as imported, exports as exported, WorkerEntrypoint, waitUntil, withEnv, withEnvAndExports, withExports } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Api extends WorkerEntrypoint {}

export default async (env) => {
  print("usual", Object.keys(imported).sort(), "Api" in imported, imported.nothing);
  await attempt("withEnv", () => withEnv({ q: 5 }, () => [Object.keys(imported), imported.q, imported.Api]));
  await attempt("after await", () => withEnv({ q: 5 }, async () => {
    await null;
    return [Object.keys(imported), imported.q, "Api" in imported];
  }));
  await attempt("within another", () => withEnv({ a: 1 }, () => withEnv({ b: 2 }, () => [imported.a, imported.b])));
  await attempt("withExports", () => withExports({ x: 1 }, () => [Object.keys(exported), "Api" in imported]));
  await attempt("both", () => withEnvAndExports({ e: 1 }, { x: 2 }, () => [imported.e, exported.x]));
  await attempt("that throws", () => withEnv({}, () => {
    throw new RangeError("inside");
  }));
  print("afterwards", Object.keys(imported).sort(), imported.q);
  await attempt("no object", () => withEnv(1, () => 2));
  await attempt("no function", () => withEnv({}, 1));
  await attempt("waitUntil()", () => waitUntil());
  await attempt("waitUntil(5)", () => waitUntil(5));
};
