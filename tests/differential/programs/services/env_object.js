// env: its members, as an object, and from cloudflare:workers.
// @var TEXT value
import { env as imported } from "cloudflare:workers";
import { attempt, print } from "lines";

export default async (env) => {
  print("own", Object.keys(env).sort(), env.TEXT, env.MISSING);
  print("imported", imported.TEXT, Object.keys(imported).sort());
  await attempt("change", () => {
    env.TEXT = "changed";
    env.ADDED = 1;
    return [env.TEXT, env.ADDED, imported.TEXT];
  });
};
