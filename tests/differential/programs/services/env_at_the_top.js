// env from cloudflare:workers where a module begins.
// @var TEXT value
import { env } from "cloudflare:workers";
import { print } from "lines";

const text = env.TEXT;
const keys = Object.keys(env).sort();

export default async (given) => {
  print("at the top", text, keys);
  print("now", env.TEXT, env === given, "TEXT" in env, env.MISSING);
};
