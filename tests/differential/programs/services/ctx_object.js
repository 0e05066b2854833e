// ctx of a worker's handler.
import { attempt, print } from "lines";

export default async (env, ctx) => {
  print("tag", Object.prototype.toString.call(ctx), ctx.constructor.name);
  const members = [];
  for (const key in ctx) members.push(key);
  print("waitUntil", typeof ctx.waitUntil, typeof ctx.passThroughOnException, ctx.waitUntil(Promise.resolve(1)));
  await attempt("waitUntil of a value", () => ctx.waitUntil(5));
  await attempt("waitUntil of nothing", () => ctx.waitUntil());
  const { waitUntil } = ctx;
  await attempt("without this", () => waitUntil(Promise.resolve()));
  print("props", ctx.props);
};
