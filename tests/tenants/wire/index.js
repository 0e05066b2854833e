// Answers that show how HTTP works, and a record of what the worker saw happen.
const born = crypto.randomUUID(); // another one when the isolate was put away meanwhile
let events = [];
let open = false;

const until = async (condition) => {
  while (!condition()) await scheduler.wait(5);
};

/** 64 KiB at a time, as long as somebody reads. */
function endless(name) {
  let pulled = 0;
  return new ReadableStream(
    {
      pull(controller) {
        ++pulled;
        controller.enqueue(new Uint8Array(64 * 1024).fill(120));
      },
      cancel() {
        events.push(`${name} canceled`);
      },
    },
    { highWaterMark: 0 },
  );
}

const routes = {
  "/": () => new Response("hello"),
  "/born": () => new Response(born),
  "/seen": (request) => new Response(`${request.method} ${request.url}`),
  "/echo": (request) => new Response(request.body),
  "/length": async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
  "/ignore": () => new Response("ignored"),
  "/status": (request, url) => {
    const status = Number(url.searchParams.get("code"));
    return new Response([204, 304].includes(status) ? null : "body", { status });
  },
  "/pieces": () => {
    const pieces = ["one", "two", "three"];
    return new Response(
      new ReadableStream({
        async pull(controller) {
          await scheduler.wait(1);
          const piece = pieces.shift();
          if (piece) controller.enqueue(new TextEncoder().encode(piece));
          else controller.close();
        },
      }),
    );
  },
  "/endless": (request, url) => new Response(endless(url.searchParams.get("name"))),
  // Reads a first piece, and the rest once /open was called.
  "/hesitate": async (request) => {
    const reader = request.body.getReader();
    let bytes = (await reader.read()).value.byteLength;
    events.push("read a piece");
    await until(() => open);
    for (let read; !(read = await reader.read()).done; ) bytes += read.value.byteLength;
    return new Response(String(bytes));
  },
  "/broken-body": async (request) => {
    try {
      await request.arrayBuffer();
      events.push("body complete");
    } catch (error) {
      events.push(`body broke: ${error.message}`);
    }
    return new Response("");
  },
  "/wait": async () => {
    events.push("waiting");
    await until(() => open);
    return new Response("waited");
  },
  "/open": () => {
    open = true;
    return new Response("open");
  },
  "/events": () => new Response(events.join("\n")),
  "/reset": () => {
    events = [];
    open = false;
    return new Response("reset");
  },
};

export default {
  fetch(request) {
    const url = new URL(request.url);
    return routes[url.pathname]?.(request, url) ?? new Response("no such path", { status: 404 });
  },
};
