// What messages are made of.
const type = (body) => new Response(body).headers.get("content-type");

export const bodies = {
  "type of text": () => type("a"),
  "type of a number": () => type(5),
  "type of a buffer": () => type(new ArrayBuffer(3)),
  "type of a blob": () => type(new Blob(["x"], { type: "a/b" })),
  "type of params": () => type(new URLSearchParams("a=b")),
  "type of a form": () => type(new FormData()).split(";")[0],
  "text of an object": async () => new Response({}).text(),
  "text of a number": async () => new Response(5).text(),
  "text of nothing": async () => `[${await new Response().text()}]`,
  "bodyUsed of nothing": async () => {
    const response = new Response(null);
    await response.text();
    return [response.body, response.bodyUsed];
  },
  "body after text()": async () => {
    const response = new Response("a");
    await response.text();
    return [response.bodyUsed, response.body.locked];
  },
  "statusText": () => [new Response("").statusText, new Response("", { status: 404 }).statusText],
  "types": () => [new Response().type, Response.error().type, Response.redirect("http://a").type],
  "json headers": () => [...Response.json({}).headers],
  "json with a type": () => [...Response.json({}, { headers: { "content-type": "x/y" } }).headers],
  "header order": () => {
    const { headers } = new Response("x", { headers: { "X-B": "é€", "x-a": "1" } });
    headers.append("X-A", "2");
    headers.append("set-cookie", "a=1");
    headers.append("Set-Cookie", "b=2");
    return [...headers];
  },
  "unicode header": () => new Headers({ a: "é€" }).get("a"),
  "undefined header": () => new Headers({ a: undefined }).get("a"),
  "method in lower case": () => new Request("http://a", { method: "patch" }).method,
  "url with a fragment": () => new Request("http://a/#f").url,
  "incoming": (request) => [request.redirect, request.integrity, request.keepalive, typeof request.signal, typeof request.cf],
  "url of a URL": () => new Request(new URL("http://a/b")).url,
  "moved body": async () => {
    const first = new Response("abc", { headers: { a: "1" } });
    const second = new Response(first.body, first);
    return [await second.text(), first.bodyUsed, second.headers.get("a")];
  },
  "tee": async () => {
    const [a, b] = new Response("abc").body.tee();
    return (await new Response(a).text()) + (await new Response(b).text());
  },
  "readAtLeast": async () => {
    const reader = new Response("hello world").body.getReader({ mode: "byob" });
    const first = await reader.readAtLeast(5, new Uint8Array(20));
    const second = await reader.readAtLeast(5, new Uint8Array(20));
    return [first.done, first.value.length, second.done, second.value?.length];
  },
  "text chunks": async () => {
    const stream = new TextEncoderStream();
    const writer = stream.writable.getWriter();
    writer.write("a\ud83d");
    writer.write("\ude00b");
    writer.close();
    const chunks = [];
    for await (const chunk of stream.readable) chunks.push([...chunk]);
    return chunks;
  },
  "decoded chunks": async () => {
    const stream = new TextDecoderStream();
    const writer = stream.writable.getWriter();
    writer.write(new Uint8Array([0xe2, 0x82]));
    writer.write(new Uint8Array([0xac]));
    writer.close();
    const chunks = [];
    for await (const chunk of stream.readable) chunks.push(chunk);
    return chunks;
  },
  "short FixedLengthStream": async () => {
    const { readable, writable } = new FixedLengthStream(5);
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    writer.write(new Uint8Array(3)).catch(() => {});
    writer.close().catch(() => {});
    return new Response(readable).text();
  },
  "object into IdentityTransformStream": async () => {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    new Response(readable).text().catch(() => {});
    return writer.write({});
  },
  "truncated gzip": async () => {
    const packed = await new Response(new Response("hello").body.pipeThrough(new CompressionStream("gzip"))).bytes();
    const stream = new Blob([packed.slice(0, 10)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  },
  "broken gzip": async () => {
    const stream = new Blob(["not gzip at all, not at all"]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  },
};
