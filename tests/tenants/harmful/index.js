// Everything that a tenant might do to its neighbours, by path.
let held = [];

function spin(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

const harms = {
  "/ok": () => new Response("ok"),
  "/forever": () => {
    for (;;);
  },
  "/regexp": () => new Response(String(/^(a+)+$/.test("a".repeat(64) + "b"))),
  "/arrays": () => {
    const all = [];
    for (;;) all.push(new Array(1000).fill(all.length + 0.5));
  },
  "/big-arrays": () => {
    const all = [];
    for (;;) all.push(new Array(100_000).fill(all.length + 0.5));
  },
  "/literals": () => {
    const all = [];
    for (;;) all.push([1, 2, 3, { all }]);
  },
  "/fill": () => {
    const array = new Array(1000);
    for (;;) array.fill(1);
  },
  "/garbage": () => {
    for (;;) new Array(1000).fill(0.5);
  },
  "/math": () => {
    let x = 0;
    for (;;) x = Math.max(x, Math.hypot(x, 2));
  },
  "/map": () => {
    const map = new Map();
    for (let i = 0; ; ++i) map.set(i, `v${i}`);
  },
  "/huge-array": () => new Response(String(new Array(2 ** 28).fill(1).length)),
  "/strings": () => {
    let text = "x";
    for (;;) text += text + text.slice(0, 7);
  },
  "/buffers": () => {
    held = [];
    for (;;) held.push(new Uint8Array(1 << 24).fill(1, 0, 1));
  },
  "/microtasks": () => {
    const again = () => Promise.resolve().then(again);
    return again();
  },
  "/never": () => new Promise(() => {}),
  "/timers": async () => {
    let refused = "";
    try {
      for (let i = 0; i < 1_000_000; ++i) setTimeout(() => {}, 1000 + i);
    } catch (error) {
      refused = `${error.name}: ${error.message}`;
    }
    return new Response(refused);
  },
  "/deep": () => {
    const deeper = (n) => deeper(n + 1) + 1;
    try {
      return new Response(String(deeper(0)));
    } catch (error) {
      return new Response(error.name);
    }
  },
  "/throw": () => {
    throw new Error("boom");
  },
  "/not-a-response": () => 42,
  "/eval": () => {
    try {
      return new Response(String(eval("1+1")));
    } catch (error) {
      return new Response(String(error));
    }
  },
  "/body": async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
  "/json": () => new Response(String(JSON.parse(`[${"1,".repeat(60_000_000)}1]`).length)),
  "/object-forever": (request, env) => env.OBJECT.getByName("x").fetch("http://x/forever"),
  "/object": (request, env) => env.OBJECT.getByName("x").fetch("http://x/"),
  "/spin": (request) => {
    spin(Number(new URL(request.url).searchParams.get("ms") ?? 300));
    return new Response("spun");
  },
};

export class Harmful {
  count = 0;
  fetch(request) {
    if (new URL(request.url).pathname === "/forever") for (;;);
    return new Response(String(++this.count));
  }
}

export default {
  fetch(request, env, ctx) {
    const harm = harms[new URL(request.url).pathname];
    return harm ? harm(request, env, ctx) : new Response("no such harm", { status: 404 });
  },
};
