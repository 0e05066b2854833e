import { attempt } from "./attempt.js";

const bytes = (text) => new TextEncoder().encode(text);

export default {
  "a writable as an argument": async (env) => {
    const { readable, writable } = new IdentityTransformStream();
    const done = env.BACK.writeTo(writable);
    const text = await new Response(readable).text();
    await done;
    return text;
  },
  "a script's writable as an argument": async (env) => {
    let text = "";
    const closed = Promise.withResolvers();
    const writable = new WritableStream({
      write(chunk) {
        text += new TextDecoder().decode(chunk);
      },
      close: () => closed.resolve(),
    });
    await env.BACK.writeTo(writable);
    await closed.promise;
    return text;
  },
  "a writable that fails": async (env) => {
    const writable = new WritableStream({
      write() {
        throw new Error("full here");
      },
    });
    return await attempt(() => env.BACK.writeUntilItFails(writable));
  },
  "a writable that is aborted there": async (env) => {
    const aborted = Promise.withResolvers();
    const writable = new WritableStream({ write() {}, abort: (reason) => aborted.resolve(reason?.message) });
    await env.BACK.abortStream(writable);
    return await aborted.promise;
  },
  "a readable as an argument": async (env) => {
    const { readable, writable } = new IdentityTransformStream();
    const text = env.BACK.readFrom(readable);
    const writer = writable.getWriter();
    await writer.write(bytes("one, "));
    await writer.write(bytes("two"));
    await writer.close();
    return await text;
  },
  "a script's readable as an argument": async (env) => {
    const readable = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes("script "));
        controller.enqueue(bytes("stream"));
        controller.close();
      },
    });
    return await env.BACK.readFrom(readable);
  },
  "a body as an argument": async (env) => await env.BACK.readFrom(new Response("the body").body),
  "a fetched body as an argument": async (env) =>
    await env.BACK.readFrom((await env.BACK.fetch("http://x/fetched")).body),
  "locked streams": async (env) => {
    const { readable, writable } = new IdentityTransformStream();
    readable.getReader();
    writable.getWriter();
    return [await attempt(() => env.BACK.readFrom(readable)), await attempt(() => env.BACK.writeTo(writable))];
  },
  "a sent stream is locked": async (env) => {
    const readable = new Response("x").body;
    const text = env.BACK.readFrom(readable);
    return [readable.locked, await text];
  },
  "a readable as a result": async (env) => await new Response(await env.BACK.getStream()).text(),
  "two readables": async (env) => {
    const [one, two] = await env.BACK.getStreams();
    return [await new Response(one).text(), await new Response(two).text()];
  },
  "a script's readable as a result": async (env) => await new Response(await env.BACK.getScriptStream(3)).text(),
  "a readable that breaks off": async (env) => {
    const { readable, writable } = new IdentityTransformStream();
    const text = env.BACK.readFrom(readable);
    const writer = writable.getWriter();
    await writer.write(bytes("one"));
    writer.abort("stop").catch(() => {});
    return await attempt(() => text);
  },
  "a readable of a fixed length": async (env) => {
    const { readable, writable } = new FixedLengthStream(5);
    const text = env.BACK.readFrom(readable);
    const writer = writable.getWriter();
    await writer.write(bytes("12345"));
    await writer.close();
    return await text;
  },
  "there and back": async (env) => {
    let { readable, writable } = new IdentityTransformStream();
    readable = await env.BACK.echo(readable);
    writable = await env.BACK.echo(writable);
    const text = new Response(readable).text();
    const writer = writable.getWriter();
    await writer.write(bytes("around"));
    await writer.close();
    return await text;
  },
  "a cancelled readable": async (env) => {
    const cancelled = Promise.withResolvers();
    const readable = new ReadableStream({
      pull: (controller) => controller.enqueue(bytes("x")),
      cancel: () => cancelled.resolve(true),
    });
    return [(await env.BACK.cancelStream(readable))[0], await cancelled.promise];
  },
  "a large stream": async (env) => {
    let left = 100;
    const readable = new ReadableStream({
      pull(controller) {
        if (left-- === 0) controller.close();
        else controller.enqueue(new Uint8Array(50_000));
      },
    });
    return (await env.BACK.readFrom(readable)).length;
  },
  "a stream in order with calls": async (env) => {
    const counter = await env.BACK.getCounter(0);
    const stream = new Response("x").body;
    return await Promise.all([counter.add(1), counter.add(1, stream), counter.add(1)]);
  },
  "headers": async (env) => {
    const headers = await env.BACK.getHeaders();
    return [headers instanceof Headers, [...headers], headers.getSetCookie()];
  },
  "headers as an argument": async (env) => [...(await env.BACK.echo(new Headers({ "X-A": "1" })))],
  "a request as a result": async (env) => {
    const request = await env.BACK.getRequest();
    return [
      request.method, request.url, request.headers.get("x-mine"), request.redirect, request.cf, await request.text(),
    ];
  },
  "a response as a result": async (env) => {
    const response = await env.BACK.getResponse();
    return [response.status, response.statusText, response.headers.get("x-mine"), response.cf, await response.text()];
  },
  "a response is a Response": async (env) => (await env.BACK.getResponse(200)) instanceof Response,
  "a request as an argument": (env) =>
    env.BACK.readRequest(new Request("http://a/b", { method: "POST", headers: { "x-a": "a" }, body: "posted" })),
  "a response as an argument": (env) =>
    env.BACK.readResponse(new Response("responded", { status: 201, headers: { "x-a": "a" } })),
  "a fetched response as an argument": async (env) =>
    await env.BACK.readResponse(await env.BACK.fetch("http://x/there")),
  "a used body": async (env) => {
    const response = new Response("used");
    await response.text();
    return await attempt(() => env.BACK.readResponse(response));
  },
  "a response without a body": async (env) => {
    const response = await env.BACK.echo(new Response(null, { status: 204 }));
    return [response.status, response.body];
  },
  "an error response": async (env) => (await env.BACK.echo(Response.error())).type,
  "a response with a WebSocket": (env) =>
    env.BACK.echo(new Response(null, { status: 101, webSocket: new WebSocketPair()[0] })),
  "a request with a signal": (env) =>
    env.BACK.echo(new Request("http://x/", { signal: new AbortController().signal })),
  "a sent response is used": async (env) => {
    const response = new Response("x");
    await env.BACK.readResponse(response);
    return response.bodyUsed;
  },
};
