// A Content-Encoding that a script sets: the body is compressed, unless it says that it did that.
import { attempt, print } from "lines";

const text = "compressible ".repeat(100);

async function gzipped(of) {
  return new Uint8Array(await new Response(new Response(of).body.pipeThrough(new CompressionStream("gzip"))).arrayBuffer());
}

export const worker = {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const [, kind, encoding] = pathname.split("/");
    const headers = encoding === "none" ? {} : { "content-encoding": encoding };
    switch (kind) {
      case "text":
        return new Response(text, { headers });
      case "bytes":
        return new Response(new TextEncoder().encode(text), { headers });
      case "stream":
        return new Response(new Response(text).body.pipeThrough(new IdentityTransformStream()), { headers });
      case "empty":
        return new Response("", { headers });
      case "null":
        return new Response(null, { headers });
      case "manual":
        return new Response(await gzipped(text), { headers, encodeBody: "manual" });
      case "pass":
        return env.SELF.fetch(`http://s/text/${encoding}`);
      case "passcopy": {
        const response = await env.SELF.fetch(`http://s/text/${encoding}`);
        return new Response(response.body, response);
      }
      case "recode": {
        const response = new Response((await env.SELF.fetch("http://s/text/gzip")).body);
        response.headers.set("content-encoding", encoding);
        return response;
      }
      case "decode": {
        const response = await env.SELF.fetch(`http://s/text/${encoding}`);
        const copy = new Response(response.body, response);
        copy.headers.delete("content-encoding");
        return copy;
      }
    }
    return new Response(`${request.method} ${await request.text()}`);
  },
};

export default async (env) => {
  for (const encoding of ["gzip", "br", "none"]) {
    for (const kind of ["text", "bytes", "stream", "empty", "null", "pass", "passcopy", "recode", "decode"]) {
      await attempt(`${kind} ${encoding}`, async () => {
        const response = await env.SELF.fetch(`http://s/${kind}/${encoding}`);
        const read = await response.text();
        return [response.headers.get("content-encoding"), read === text ? "the text" : read];
      });
    }
  }
  await attempt("manual gzip", async () => {
    const response = await env.SELF.fetch("http://s/manual/gzip");
    return [response.headers.get("content-encoding"), (await response.text()) === text];
  });
  await attempt("sent on as a request", async () => {
    const { body } = await env.SELF.fetch("http://s/text/gzip");
    return (await (await env.SELF.fetch("http://s/echo/none", { method: "POST", body })).text()) === `POST ${text}`;
  });
  for (const encoding of ["deflate", "identity", "unknown"]) {
    await attempt(encoding, async () => {
      const response = await env.SELF.fetch(`http://s/text/${encoding}`);
      return [response.headers.get("content-encoding"), (await response.text()).length];
    });
  }
  print("init", new Response("x", { encodeBody: "manual" }).status);
};
