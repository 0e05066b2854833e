// An answer leaves when what was written before it is stored, even if nobody awaited the write.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Writer extends DurableObject {
  async fetch(request) {
    if (new URL(request.url).pathname === "/read") return new Response(await this.ctx.storage.get("key"));
    this.ctx.storage.put("key", "written");
    return new Response("answered");
  }
}

export default async (env) => {
  const stub = env.Writer.getByName("w");
  print("write", await (await stub.fetch("http://w/write")).text());
  print("read", await (await stub.fetch("http://w/read")).text());
};
