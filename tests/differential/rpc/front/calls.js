import { attempt } from "./attempt.js";

export default {
  "a method": (env) => env.BACK.join(1, "two", true),
  "no arguments": (env) => env.BACK.noArguments(),
  "undefined arguments count": (env) => env.BACK.noArguments(undefined, undefined),
  "an async method": (env) => env.BACK.later("value"),
  "no result": async (env) => String(await env.BACK.nothing()),
  "a getter": (env) => env.BACK.getter,
  "a member of a getter's object": (env) => env.BACK.getter.number,
  "a getter that gives a function": (env) => env.BACK.functionGetter(7, 3),
  "a function in a getter's object": (env) => env.BACK.objectGetter.method(6, 7),
  "deeper": (env) => env.BACK.objectGetter.deeper.method(6),
  "a target in a getter's object": (env) => env.BACK.objectGetter.counter.add(3),
  "a getter that gives a promise": (env) => env.BACK.promiseGetter,
  "finally on a property": async (env) => {
    let seen = false;
    const value = await env.BACK.promiseGetter.finally(() => {
      seen = true;
    });
    return [value, seen];
  },
  "catch on a property": (env) => env.BACK.rejectingGetter.catch((error) => `caught ${error.message}`),
  "then with two handlers": (env) => env.BACK.throwingGetter.then(() => 1, (error) => `then ${error.message}`),
  "a torn-off method": async (env) => {
    const { join } = env.BACK;
    return await join("a", "b");
  },
  "get, put and delete are ordinary": async (env) => [
    await env.BACK.get(1), await env.BACK.put(1, 2), await env.BACK.delete(1),
  ],
  "name and length are ordinary": async (env) => [await env.BACK.name(), await env.BACK.length()],
  "queue is ordinary": (env) => env.BACK.queue(),
  "own fields are not reachable": (env) => env.BACK.field,
  "own methods are not reachable": (env) => env.BACK.ownMethod(),
  "own objects are not reachable": (env) => env.BACK.ownObject.method(),
  "a missing method": (env) => env.BACK.missing(),
  "a missing property": (env) => env.BACK.missing,
  "something that is no function": (env) => env.BACK.getter(),
  "something deeper that is no function": (env) => env.BACK.objectGetter.text(),
  "what is missing in an object": (env) => env.BACK.objectGetter.nope.further(),
  "members of text": (env) => env.BACK.objectGetter.text.length,
  "an instance of another class": (env) => env.BACK.objectGetter.notATarget.method(),
  "an object without prototype": (env) => env.BACK.objectGetter.bare.a,
  "statics are not reachable": (env) => env.BACK.staticMethod(),
  "env is not reachable": (env) => env.BACK.env,
  "ctx is not reachable": (env) => env.BACK.ctx.waitUntil(),
  "alarm is reserved": (env) => env.BACK.alarm(),
  "webSocketMessage is reserved": (env) => env.BACK.webSocketMessage(),
  "dup is reserved": (env) => env.BACK.dup(),
  "fetch stays fetch": async (env) => (await env.BACK.fetch("http://x/y", { method: "POST" })).text(),
  "then is absent": (env) => [typeof env.BACK.then, typeof env.BACK.anything],
  "inherited members stay": (env) => [typeof env.BACK.toString, typeof env.BACK.hasOwnProperty],
  "a named entrypoint with props": (env) => env.NAMED.greet("Ada"),
  "props as they were": (env) => env.NAMED.props(),
  "props for fetch": async (env) => (await env.NAMED.fetch("http://x/")).text(),
  "ctx.exports": (env) => env.NAMED.exportsOf(),
  "a plain export: one argument": (env) => env.PLAIN.one(5),
  "a plain export: no argument": (env) => env.PLAIN.none(),
  "a plain export: two arguments": (env) => env.PLAIN.one(1, 2),
  "a plain export: a function of four": (env) => env.PLAIN.two(1, 2),
  "a plain export: a property": (env) => env.PLAIN.property,
  "a plain export: a missing one": (env) => env.PLAIN.missing(1),
  "of the same worker": (env) => env.SELF.echo({ a: [1] }),
  "of the same worker, with a function": (env) => env.SELF.callIt((a) => a * 2, 21),
  "of the same worker, a function back": (env) => env.SELF.getFunction()(1),
  "ctx.exports of the caller": async (env, ctx) => await ctx.exports.Own.echo("loop"),
  "ctx.exports with props": async (env, ctx) =>
    [typeof ctx.exports.Own, await ctx.exports.Own({ props: { a: 1 } }).echo("props")],
  "many at once stay in order": async (env) => {
    const counter = await env.BACK.getCounter(0);
    return await Promise.all([counter.add(1), counter.add(10), counter.add(100), counter.add(1000)]);
  },
  "a path that is too deep": async (env) => {
    let property = env.BACK.x;
    return attempt(() => {
      for (let i = 0; i < 100; i++) property = property.x;
    });
  },
  "what things are": async (env) => {
    const { RpcPromise, RpcProperty, RpcStub, ServiceStub } = await import("cloudflare:workers");
    const counter = await env.BACK.getCounter(0);
    return [
      counter instanceof RpcStub, counter.add instanceof RpcProperty, counter.add(1) instanceof RpcPromise,
      env.BACK instanceof ServiceStub, env.BACK.join instanceof RpcProperty, typeof counter, typeof counter.add,
      typeof env.BACK, Object.keys(counter), String(Object.prototype.toString.call(counter)),
    ];
  },
  "promises and properties cannot be constructed": async () => {
    const { RpcPromise, RpcProperty } = await import("cloudflare:workers");
    return [await attempt(() => new RpcPromise()), await attempt(() => new RpcProperty())];
  },
};
