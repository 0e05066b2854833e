// What the platform says when a program is wrong.
export const errors = {
  "header name": () => new Headers({ "a b": "x" }),
  "header value": () => new Headers({ a: "x\ny" }),
  "header pair": () => new Headers([["a"]]),
  "headers from text": () => new Headers("abc"),
  "headers from a number": () => new Headers(5),
  "append without a value": () => new Headers().append("a"),
  "get without a name": () => new Headers().get(),
  "getAll of another header": () => new Headers().getAll("a"),
  "immutable headers": (request) => request.headers.set("a", "b"),
  "immutable redirect": () => Response.redirect("http://a/").headers.set("a", "b"),
  "status too low": () => new Response("", { status: 99 }),
  "status no number": () => new Response("", { status: "abc" }),
  "body with 204": () => new Response("a", { status: 204 }),
  "empty body with 204": () => new Response("", { status: 204 }).body === null,
  "empty bytes with 204": () => new Response(new Uint8Array(0), { status: 204 }).body === null,
  "statusText": () => new Response("", { statusText: "a\nb" }),
  "response init": () => new Response("", 5),
  "status of a redirect": () => Response.redirect("http://a", 200),
  "url of a redirect": () => Response.redirect("foo"),
  "json of a bigint": () => Response.json(1n),
  "json of undefined": async () => `[${await Response.json(undefined).text()}]`,
  "symbol as body": () => new Response(Symbol()),
  "request url": () => new Request("nope"),
  "request method": () => new Request("http://a", { method: "CONNECT" }),
  "request method token": () => new Request("http://a", { method: "a b" }),
  "body with GET": () => new Request("http://a", { body: "x" }),
  "redirect mode": () => new Request("http://a", { redirect: "error" }),
  "cache mode": () => new Request("http://a", { cache: "force-cache" }),
  "signal type": () => new Request("http://a", { signal: 5 }),
  "url": () => new URL("nope"),
  "url without arguments": () => new URL(),
  "text of a used body": async () => {
    const response = new Response("a");
    await response.text();
    await response.text();
  },
  "request from a used request": async () => {
    const request = new Request("http://a", { method: "POST", body: "x" });
    await request.text();
    return new Request(request);
  },
  "text of a locked body": async () => {
    const response = new Response("a");
    response.body.getReader();
    await response.text();
  },
  "a stream of text": async () => new Response(ReadableStream.from(["a"])).text(),
  "json": async () => new Response("{").json(),
  "json of nothing": async () => new Response("").json(),
  "formData of text": async () => new Response("a").formData(),
  "structuredClone of a function": () => structuredClone(() => 1),
  "atob": () => atob("a"),
  "btoa": () => btoa("€"),
  "too many random values": () => crypto.getRandomValues(new Uint8Array(65537)),
  "random floats": () => crypto.getRandomValues(new Float32Array(5)),
  "unknown encoding": () => new TextDecoder("nope"),
  "fatal decoding": () => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])),
  "compression format": () => new CompressionStream("zip"),
  "compression without format": () => new CompressionStream(),
  "FixedLengthStream without length": () => new FixedLengthStream(),
  "negative FixedLengthStream": () => new FixedLengthStream(-1),
  "FixedLengthStream of text": () => new FixedLengthStream("x"),
  "abort reason": () => AbortSignal.abort().throwIfAborted(),
  "timeout reason": async () => {
    const signal = AbortSignal.timeout(1);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    signal.throwIfAborted();
  },
  "a getter without its object": () =>
    typeof Object.getOwnPropertyDescriptor(Request.prototype, "method").get.call({}),
  "digest": async () => crypto.subtle.digest("SHA-3", new Uint8Array(1)),
  "timingSafeEqual": () => crypto.subtle.timingSafeEqual(new Uint8Array(1), new Uint8Array(2)),
};
