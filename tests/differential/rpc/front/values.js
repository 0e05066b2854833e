import { attempt } from "./attempt.js";

class Instance {
  a = 1;
}

const there = (value) => (env) => env.BACK.describe(value);

export default {
  "undefined": there(undefined),
  "null": there(null),
  "a bigint": there(12345678901234567890n),
  "not a number": there(NaN),
  "text with lone surrogates": async (env) => (await env.BACK.echo("a\ud800b")).charCodeAt(1),
  "a date": there(new Date(0)),
  "a map": there(new Map([["a", 1], ["b", [2]]])),
  "a set": there(new Set([1, "two"])),
  "a regular expression": async (env) => String(await env.BACK.echo(/a+/gi)),
  "bytes": there(new Uint8Array([1, 2, 3])),
  "part of a buffer": there(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)),
  "an array buffer": there(new Uint8Array([1, 2]).buffer),
  "floats": there(new Float64Array([1.5])),
  "a sparse array": async (env) => {
    const array = [1, , 3];
    const back = await env.BACK.echo(array);
    return [back.length, 1 in back];
  },
  "an array's own properties": async (env) => {
    const back = await env.BACK.echo(Object.assign([1], { extra: 2 }));
    return [back.extra, back.length];
  },
  "cycles": async (env) => {
    const value = { name: "cycle" };
    value.self = value;
    const back = await env.BACK.echo(value);
    return [back.self === back, back !== value];
  },
  "cycles with a function": async (env) => {
    const value = { fn: () => "called" };
    value.self = value;
    const back = await env.BACK.echo(value);
    return [back.self === back, await back.self.fn()];
  },
  "the same object twice": async (env) => {
    const one = { n: 1 };
    const back = await env.BACK.echo([one, one]);
    return back[0] === back[1];
  },
  "the same function twice": async (env) => {
    const fn = () => 1;
    const back = await env.BACK.echo([fn, fn]);
    return back[0] === back[1];
  },
  "__proto__ as a key": async (env) => {
    const back = await env.BACK.echo([JSON.parse('{"__proto__": 1}'), () => 1]);
    return [Object.hasOwn(back[0], "__proto__"), Object.getPrototypeOf(back[0]) === Object.prototype];
  },
  "accessors are read": async (env) => JSON.stringify(await env.BACK.echo({ get a() { return 5; } })),
  "symbols as keys are left out": async (env) => Object.getOwnPropertySymbols(await env.BACK.echo({ [Symbol("x")]: 1 })).length,
  "an instance of a class": (env) => env.BACK.echo(new Instance()),
  "an instance deep within": (env) => env.BACK.echo([{ deep: new Instance() }]),
  "an object without prototype": (env) => env.BACK.echo(Object.create(null)),
  "an instance of a derived array": async (env) => {
    class List extends Array {}
    return Array.isArray(await env.BACK.echo(List.of(1, 2)));
  },
  "an instance of a derived map": async (env) => {
    class Table extends Map {}
    return (await env.BACK.echo(new Table([[1, 2]]))) instanceof Map;
  },
  "a symbol": (env) => env.BACK.echo(Symbol("s")),
  "a promise": (env) => env.BACK.echo({ promise: Promise.resolve(1) }),
  "a weak map": (env) => env.BACK.echo(new WeakMap()),
  "a URL": (env) => env.BACK.echo(new URL("http://x/")),
  "an AbortSignal": (env) => env.BACK.echo(new AbortController().signal),
  "a WebSocket": (env) => env.BACK.echo(new WebSocketPair()[0]),
  "FormData": (env) => env.BACK.echo(new FormData()),
  "an event": (env) => env.BACK.echo(new Event("e")),
  "what cannot be returned": (env) => env.BACK.notATarget(),
  "a bare object cannot be returned": (env) => env.BACK.bareObject(),
  "a namespace of objects": (env) => env.BACK.echo(env.ROOM),
  "an object's id": (env) => env.BACK.echo(env.ROOM.idFromName("a")),
  "env": (env) => env.BACK.echo(env),
  "a blob": async (env) => {
    const blob = await env.BACK.echo(new Blob(["hello ", "blob"], { type: "text/plain" }));
    return [blob instanceof Blob, blob.type, await blob.text()];
  },
  "a proxy of a plain object": async (env) => {
    const proxy = new Proxy({ a: 1 }, { get: (target, name) => (name === "a" ? 2 : target[name]) });
    const back = await env.BACK.echo({ proxy });
    return [typeof back.proxy, await back.proxy.a];
  },
  "a proxy of an instance": (env) => env.BACK.echo(new Proxy(new Instance(), {})),
  "a DOMException": async (env) => {
    const back = await env.BACK.echo(new DOMException("message", "NotFoundError"));
    return [back instanceof DOMException, back.name, back.message, back.code];
  },
  "an error": there(new TypeError("typed")),
  "an error with properties": there(Object.assign(new Error("with"), { code: 5, list: [1] })),
  "an error with a cause": async (env) => {
    const back = await env.BACK.echo(new Error("outer", { cause: new RangeError("inner") }));
    return [back.message, back.cause?.name, back.cause?.message, back.cause instanceof RangeError];
  },
  "an error of a class of one's own": async (env) => {
    class Mine extends Error {
      name = "Mine";
    }
    const back = await env.BACK.echo(new Mine("mine"));
    return [back.name, back.message, back.constructor.name, Object.keys(back)];
  },
  "an error's stack stays": async (env) => {
    const error = new Error("stack");
    const back = await env.BACK.echo(error);
    return [back.stack === error.stack, back.stack.split("\n")[0]];
  },
  "an aggregate error": async (env) => {
    const back = await env.BACK.echo(new AggregateError([new Error("one")], "all"));
    return [back.name, back.message, back.errors?.length, back.errors?.[0]?.message];
  },
  "a returned error": async (env) => {
    const { error } = await env.BACK.returnsError();
    return [error.name, error.message, error.code, error.remote];
  },
  "32 MiB": async (env) => (await env.BACK.sizeOf(new Uint8Array(33_000_000))),
  "more than 32 MiB": (env) => env.BACK.sizeOf(new Uint8Array(34_000_000)),
  "more than 32 MiB back": (env) => env.BACK.large(34_000_000),
  "32 MiB back": async (env) => (await env.BACK.large(33_000_000)).byteLength,
  "arguments are copies": async (env) => {
    const value = { n: 1 };
    const promise = env.SELF.echo(value);
    value.n = 2;
    return (await promise).n;
  },
  "a result has a disposer": async (env) => {
    const value = await env.BACK.echo({ a: 1 });
    return [typeof value[Symbol.dispose], Object.keys(value), JSON.stringify(value)];
  },
  "so has an array": async (env) => typeof (await env.BACK.echo([1]))[Symbol.dispose],
  "a text has none": async (env) => typeof (await env.BACK.echo("a"))[Symbol.dispose],
  "refused values are refused at once": (env) => {
    const promise = env.BACK.echo(new Instance());
    promise.catch(() => {});
    return attempt(() => promise);
  },
};
