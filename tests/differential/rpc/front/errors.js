async function caught(run) {
  try {
    return `no error, but ${JSON.stringify(await run())}`;
  } catch (error) {
    if (typeof error !== "object" || error === null) return `${typeof error} ${String(error)}`;
    const own = Object.fromEntries(
      Object.getOwnPropertyNames(error)
        .filter((key) => !["stack", "message", "durableObjectId"].includes(key))
        .sort()
        .map((key) => [key, error[key]]),
    );
    return [
      Object.prototype.toString.call(error), error.constructor?.name, error.name, error.message,
      error instanceof Error, own,
    ];
  }
}

const throwing = (kind) => (env) => caught(() => env.BACK.throws(kind, `${kind} there`));

export default {
  ...Object.fromEntries(
    ["Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError", "DOMException"].map(
      (kind) => [`thrown: ${kind}`, throwing(kind)],
    ),
  ),
  "thrown: of a class of its own": (env) => caught(() => env.BACK.throwsCustom()),
  "thrown: AggregateError": (env) => caught(() => env.BACK.throwsAggregate()),
  "thrown: a text": (env) => caught(() => env.BACK.throwsValue("text")),
  "thrown: a number": (env) => caught(() => env.BACK.throwsValue(5)),
  "thrown: undefined": (env) => caught(() => env.BACK.throwsValue(undefined)),
  "thrown: null": (env) => caught(() => env.BACK.throwsValue(null)),
  "thrown: an object": (env) => caught(() => env.BACK.throwsValue({ a: 1 })),
  "thrown: with a function": (env) => caught(() => env.BACK.throwsUnserializable()),
  "rejected later": (env) => caught(() => env.BACK.rejects("late")),
  "a getter that throws": (env) => caught(() => env.BACK.throwingGetter),
  "the stack is the caller's": async (env) => {
    try {
      await env.BACK.throws("Error", "for the stack");
    } catch (error) {
      return [error.stack.split("\n")[0], error.stack.includes("back/")];
    }
  },
  "a missing method's error": (env) => caught(() => env.BACK.missing()),
  "a refused argument's error": (env) => caught(() => env.BACK.echo(new (class Refused {})())),
  "a refused result's error": (env) => caught(() => env.BACK.notATarget()),
  "from an object": (env) => caught(() => env.ROOM.getByName("errors").throws("in the object")),
  "from an object: its id": async (env) => {
    const room = env.ROOM.getByName("errors");
    try {
      await room.throws("x");
    } catch (error) {
      return [error.durableObjectId === room.id.toString()];
    }
  },
  "from a callback": (env) =>
    caught(() =>
      env.BACK.callIt(() => {
        throw new RangeError("in the callback");
      }),
    ),
  "from a callback, passed on": (env) =>
    caught(() =>
      env.BACK.throwOnCallback(() => {
        throw Object.assign(new Error("passed on"), { code: 9 });
      }),
    ),
  "from a pipelined call": (env) => caught(() => env.BACK.throws("TypeError", "first").then1.then2()),
  "pipelined on what fails": async (env) => {
    const promise = env.BACK.rejects("late");
    const further = promise.member.method();
    return [await caught(() => promise), await caught(() => further)];
  },
  "pipelined on text": (env) => caught(() => env.BACK.join("a").foo()),
  "pipelined on a map": (env) => caught(() => env.BACK.getMap().foo()),
  "pipelined on nothing": (env) => caught(() => env.BACK.nothing().foo),
  "an object's class without DurableObject": (env) => caught(() => env.OLD.getByName("a").method()),
  "its fetch works": async (env) => (await env.OLD.getByName("a").fetch("http://x/")).text(),
  "a stub in the wrong place": async () => {
    const { RpcStub } = await import("cloudflare:workers");
    return [await caught(() => new RpcStub(5)), await caught(() => new RpcStub(new Date()))];
  },
};
