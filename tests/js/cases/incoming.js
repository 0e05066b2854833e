// What a request from outside looks like: probed by the driver over a socket.

async function describe(request, url) {
  return {
    method: request.method,
    url: request.url,
    path: url.pathname,
    headers: Object.fromEntries([...request.headers].filter(([name]) => name.startsWith("x-"))),
    redirect: request.redirect,
    hasBody: request.body !== null,
    hasCf: typeof request.cf === "object",
  };
}

const routes = {
  "/describe": async (request, url) => Response.json(await describe(request, url)),
  "/echo": async (request) => new Response(await request.text()),
  "/echo-bytes": async (request) => new Response(await request.arrayBuffer()),
  "/echo-json": async (request) => Response.json(await request.json()),
  "/echo-stream": (request) => new Response(request.body, { headers: { "x-kind": "stream" } }),
  "/echo-clone": async (request) => {
    const copy = request.clone();
    return new Response(`${await request.text()}|${await copy.text()}`);
  },
  "/echo-form": async (request) => {
    const entries = [];
    for (const [name, value] of await request.formData()) {
      entries.push([name, typeof value === "string" ? value : [value.name, value.type, await value.text()]]);
    }
    return Response.json(entries);
  },
  "/upper": (request) => {
    const upper = new TransformStream({
      transform: (chunk, controller) => controller.enqueue(chunk.toUpperCase()),
    });
    return new Response(
      request.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(upper)
        .pipeThrough(new TextEncoderStream()),
    );
  },
  "/fixed": () => {
    const { readable, writable } = new FixedLengthStream(10);
    const writer = writable.getWriter();
    writer.write(new TextEncoder().encode("01234"));
    writer.write(new TextEncoder().encode("56789"));
    writer.close();
    return new Response(readable);
  },
  "/stream": () => {
    let count = 0;
    return new Response(
      new ReadableStream({
        pull(controller) {
          if (count === 1000) controller.close();
          else controller.enqueue(new TextEncoder().encode(`line ${count++}\n`));
        },
      }),
    );
  },
  "/immutable": (request) => {
    try {
      request.headers.set("x-a", "b");
    } catch (error) {
      return new Response(`${error.name}: ${error.message}`);
    }
    return new Response("not refused");
  },
  "/cookies": () =>
    new Response("", { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["X-Euro", "€"]] }),
  "/status": (_, url) => {
    const status = Number(url.searchParams.get("code"));
    return new Response([204, 205, 304].includes(status) ? null : "body", { status });
  },
  "/bytes": () => new Response(new Uint8Array([0, 1, 254, 255])),
  "/no-body": () => new Response(null),
};

export function incoming(request, url) {
  const route = routes[url.pathname];
  return route === undefined ? new Response("no such route", { status: 404 }) : route(request, url);
}
