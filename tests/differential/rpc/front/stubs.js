import { RpcStub, RpcTarget } from "cloudflare:workers";
import { attempt } from "./attempt.js";

class Counter extends RpcTarget {
  own = "own";
  #count;
  constructor(count = 0) {
    super();
    this.#count = count;
  }
  add(number) {
    return (this.#count += number);
  }
  get count() {
    return this.#count;
  }
  fetch(...args) {
    return `fetched ${args}`;
  }
}

function withProperty() {
  const fn = () => ({ x: 123 });
  fn.property = { x: 456 };
  return fn;
}

export default {
  "a function as an argument": (env) => env.BACK.callIt((a, b) => a * b, 6, 7),
  "an async function": (env) => env.BACK.callIt(async (a) => (await scheduler.wait(1), a + 1), 1),
  "called twice, in order": async (env) => {
    const order = [];
    const result = await env.BACK.callTwice((n) => {
      order.push(n);
      return n * 10;
    });
    return [order, result];
  },
  "a function deep in an argument": async (env) => {
    const back = await env.BACK.echo({ deep: [{ fn: () => "deep" }] });
    return await back.deep[0].fn();
  },
  "a function as a result": async (env) => {
    const add = await env.BACK.getFunction();
    return [await add(1, 2), await add.property];
  },
  "a function in a map": async (env) => {
    const map = await env.BACK.getMap();
    return [await map.get("fn")(), map.get("n")];
  },
  "a target as a result": async (env) => {
    const counter = await env.BACK.getCounter(5);
    return [await counter.add(2), await counter.count];
  },
  "a target's own fields": async (env) => attempt(async () => await (await env.BACK.getCounter(5)).own),
  "fetch of a target is ordinary": async (env) => (await env.BACK.getCounter(5)).fetch(1, 2),
  "a target in an object": async (env) => {
    const { label, counter, nested } = await env.BACK.getObject(1);
    return [label, await counter.add(1), await nested.fn(4)];
  },
  "a target as an argument": async (env) => {
    const counter = new Counter(3);
    return [await env.BACK.useCounter(counter, 4), counter.count];
  },
  "a getter of a target as an argument": (env) => env.BACK.countOf(new Counter(8)),
  "a stub as an argument": async (env) => {
    const stub = new RpcStub(new Counter(1));
    const result = [await env.BACK.useCounter(stub, 1), await env.BACK.useCounter(stub, 1), await stub.add(1)];
    stub[Symbol.dispose]();
    return result;
  },
  "a stub back where it came from": async (env) => {
    const counter = await env.BACK.getCounter(10);
    return [await env.BACK.useCounter(counter, 5), await counter.add(1)];
  },
  "a stub through and back": async (env) => {
    const counter = new Counter(1);
    const back = await env.BACK.identity(new RpcStub(counter));
    return [await back.add(1), counter.count];
  },
  "a function through and back": async (env) => await (await env.BACK.identity((a) => a + 1))(1),
  "a stub from one to another": async (env) => {
    const counter = await env.BACK.getCounter(10);
    return await env.SELF.callIt(counter.add === undefined ? null : async () => await counter.add(1));
  },
  "a stub passed on to a third": async (env) => {
    const fn = await env.BACK.getFunction();
    return await env.SELF.callIt(fn, 1, 2);
  },
  "a local stub": async () => {
    const stub = new RpcStub(new Counter(4));
    return [await stub.add(5), await stub.count, await stub.fetch(1, "b")];
  },
  "a local stub of an object": async () => await new RpcStub({ sum: (a, b) => a + b }).sum(1, 2),
  "a local stub of a function": async () => {
    const fn = (a) => a + 1;
    fn.property = "property";
    const stub = new RpcStub(fn);
    return [await stub(1), await stub.property];
  },
  "a local stub clones": async () => {
    const stub = new RpcStub({ same: (value) => value });
    const value = { a: 1 };
    return (await stub.same(value)) !== value;
  },
  "a local stub of a proxy": async () => await new RpcStub(new Proxy(new Counter(4), {
    get: (target, name) => (typeof target[name] === "function" ? target[name].bind(target) : target[name]),
  })).add(1),
  "pipelining on a target": (env) => env.BACK.getCounter(12).add(3),
  "pipelining on an object": (env) => env.BACK.getObject(5).counter.add(7),
  "pipelining on a value": (env) => env.BACK.getObject(5).label,
  "pipelining on a nested function": (env) => env.BACK.getObject(5).nested.fn(21),
  "pipelining through a stub in a target": (env) => env.BACK.getBox(12).box.value.add(3),
  "pipelining on a function": async (env) => {
    const fn = env.BACK.getFunction();
    return [await fn(3, 4), await fn.property];
  },
  "several pipelined calls in order": async (env) => {
    const counter = env.BACK.getCounter(0);
    return await Promise.all([counter.add(1), counter.add(10), counter.add(100)]);
  },
  "pipelining after the result": async (env) => {
    const promise = env.BACK.getObject(5);
    await promise;
    return [await promise.label, await promise.counter.add(1), await promise.nested.fn(2)];
  },
  "pipelining after a stub came": async (env) => {
    const promise = env.BACK.getCounter(5);
    await promise;
    return await promise.add(1);
  },
  "pipelining after a text came": async (env) => {
    const promise = env.BACK.join("a", "b");
    await promise;
    return await promise.length;
  },
  "pipelining within the callee": (env) => env.BACK.pipelineOn(() => ({ counter: new Counter(4) })),
  "an RpcPromise returned": (env) => env.BACK.returnRpcPromise(withProperty()),
  "an RpcPromise returned, pipelined": (env) => env.BACK.returnRpcPromise(withProperty()).x,
  "an RpcPromise within a result": (env) => env.BACK.returnNestedRpcPromise(withProperty()),
  "an RpcProperty returned": (env) => env.BACK.returnRpcProperty(withProperty()),
  "an RpcProperty within a result": (env) => env.BACK.returnNestedRpcProperty(withProperty()),
  "a promise awaited twice": async (env) => {
    const promise = env.BACK.echo({ a: 1 });
    return (await promise) === (await promise);
  },
  "a property awaited twice": async (env) => {
    const property = env.BACK.getter;
    return (await property) === (await property);
  },
  "Promise.all over calls": (env) => Promise.all([env.BACK.join(1), env.BACK.getter.number, env.BACK.later(3)]),
  "a service stub as a result": async (env) => await (await env.BACK.getSelf()).greet("Ada"),
  "a service stub as a result, pipelined": (env) => env.BACK.getSelf().greet("Bob"),
  "a service stub in a result": async (env) => await (await env.BACK.getSelfInObject()).service.greet("Eve"),
  "a service stub in a result, pipelined": (env) => env.BACK.getSelfInObject().service.greet("Joe"),
  "a service stub as an argument": (env) => env.BACK.callService(env.NAMED, "Zoe"),
  "a service stub's fetch": async (env) => (await (await env.BACK.getSelf()).fetch("http://x/")).text(),
  "an object's stub as a result": async (env) => await (await env.BACK.getRoom("result")).add(2),
  "an object's stub as a result, pipelined": (env) => env.BACK.getRoom("pipelined").add(3),
  "an object's stub in a result, pipelined": (env) => env.BACK.getRoomInObject("nested").room.add(4),
  "an object's stub as an argument": (env) => env.BACK.callRoom(env.ROOM.getByName("argument"), 5),
  "a proxied target": async (env) => {
    const counter = new Counter(0);
    const proxy = new Proxy(counter, {
      get: (target, name) => (name === "add" ? (n) => target.add(n + 100) : Reflect.get(target, name, target)),
    });
    return [await env.BACK.useCounter(proxy, 1), counter.count];
  },
  "a proxied function": (env) => {
    const proxy = new Proxy((n) => n * 3, { apply: (target, self, args) => target(...args) + 2 });
    return env.BACK.callIt(proxy, 2);
  },
  "a method torn off a target": async (env) => {
    const { add } = await env.BACK.getCounter(1);
    return await add(1);
  },
  "properties can be set on a stub": async (env) => {
    const counter = await env.BACK.getCounter(1);
    counter.mine = 5;
    return [counter.mine, await counter.add(1)];
  },
  "in": async (env) => {
    const counter = await env.BACK.getCounter(1);
    return ["anything" in counter, "then" in counter, "dup" in counter];
  },
};
