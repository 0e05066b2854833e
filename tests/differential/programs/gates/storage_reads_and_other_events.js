// Reads of storage, many in a row, let no other request in.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Reader extends DurableObject {
  async fetch(request) {
    const name = new URL(request.url).pathname;
    for (let i = 0; i < 3; ++i) {
      await this.ctx.storage.get(`key${i}`);
      print(`${name} read ${i}`);
    }
    return new Response();
  }
}

export default async (env) => {
  const stub = env.Reader.getByName("r");
  await Promise.all([stub.fetch("http://r/a"), stub.fetch("http://r/b")]);
};
