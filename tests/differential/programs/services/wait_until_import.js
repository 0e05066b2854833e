// waitUntil() from cloudflare:workers, deep within a call.
import { waitUntil } from "cloudflare:workers";
import { pause, print, until } from "lines";

let done = false;

export const worker = {
  async fetch() {
    await null;
    waitUntil(pause(5).then(() => (done = true)));
    return new Response("answered");
  },
};

export default async (env) => {
  print("answer", await (await env.SELF.fetch("http://s/")).text());
  await until(() => done);
};
