// An object's response as a stream that goes on after fetch() has returned.
import { DurableObject } from "cloudflare:workers";
import { pause, print } from "lines";

export class A extends DurableObject {
  fetch() {
    const { readable, writable } = new TransformStream();
    (async () => {
      const writer = writable.getWriter();
      for (let i = 0; i < 3; ++i) {
        await pause(5);
        await writer.write(new TextEncoder().encode(`piece ${i} `));
      }
      await writer.close();
    })();
    return new Response(readable);
  }
}

export default async (env) => print("text", await (await env.A.getByName("a").fetch("http://a/")).text());
