import { RpcStub, RpcTarget } from "cloudflare:workers";
import { attempt, until } from "./attempt.js";

class Tracked extends RpcTarget {
  disposed = 0;
  #count = 0;
  add(number = 1) {
    return (this.#count += number);
  }
  [Symbol.dispose]() {
    this.disposed++;
  }
}

class Dupable extends RpcTarget {
  dups = [];
  disposed = 0;
  add(number) {
    return number;
  }
  dup() {
    const copy = new Dupable();
    this.dups.push(copy);
    return copy;
  }
  [Symbol.dispose]() {
    this.disposed++;
  }
}

export default {
  "a disposed stub": async (env) => {
    const counter = await env.BACK.getCounter(1);
    counter[Symbol.dispose]();
    return await attempt(() => counter.add(1));
  },
  "a disposed stub cannot be duplicated": async (env) => {
    const counter = await env.BACK.getCounter(1);
    counter[Symbol.dispose]();
    return await attempt(() => counter.dup());
  },
  "a disposed stub cannot be sent": async (env) => {
    const counter = await env.BACK.getCounter(1);
    counter[Symbol.dispose]();
    return await attempt(() => env.BACK.echo(counter));
  },
  "disposed twice": async (env) => {
    const counter = await env.BACK.getCounter(1);
    counter[Symbol.dispose]();
    counter[Symbol.dispose]();
    return "fine";
  },
  "a duplicate lives on": async (env) => {
    const counter = await env.BACK.getCounter(1);
    const dup = counter.dup();
    counter[Symbol.dispose]();
    return await dup.add(1);
  },
  "using": async (env) => {
    let kept;
    {
      using counter = await env.BACK.getCounter(1);
      kept = counter;
      await counter.add(1);
    }
    return await attempt(() => kept.add(1));
  },
  "a result's disposer disposes of the stubs in it": async (env) => {
    const object = await env.BACK.getObject(1);
    object[Symbol.dispose]();
    return [await attempt(() => object.counter.add(1)), await attempt(() => object.nested.fn(1)), object.label];
  },
  "a promise disposed before its result": async (env) => {
    const promise = env.BACK.getObject(1);
    promise[Symbol.dispose]();
    return [await attempt(() => promise.label), await attempt(async () => await (await promise).counter.add(1))];
  },
  "a promise disposed after its result": async (env) => {
    const promise = env.BACK.getObject(1);
    const object = await promise;
    promise[Symbol.dispose]();
    return await attempt(() => object.counter.add(1));
  },
  "the disposer of a result runs in the callee": async (env) => {
    const heard = [];
    const result = await env.BACK.disposable((text) => heard.push(text));
    const before = heard.length;
    result[Symbol.dispose]();
    return [result.value, before, await until(() => heard.length > 0), heard];
  },
  "the disposer of a function runs in the callee": async (env) => {
    const heard = [];
    const fn = await env.BACK.disposableFunction((text) => heard.push(text));
    const called = await fn();
    fn[Symbol.dispose]();
    return [called, await until(() => heard.length > 0), heard];
  },
  "an argument is disposed of after the call": async (env) => {
    const target = new Tracked();
    await env.BACK.useCounter(target, 1);
    return [await until(() => target.disposed > 0), target.disposed];
  },
  "each time it is an argument": async (env) => {
    const target = new Tracked();
    await env.BACK.useCounter(target, 1);
    await env.BACK.useCounter(target, 1);
    return [await until(() => target.disposed > 1), target.disposed];
  },
  "a stub as an argument stays the caller's": async (env) => {
    const target = new Tracked();
    const stub = new RpcStub(target);
    await env.BACK.useCounter(stub, 1);
    await env.BACK.useCounter(stub, 1);
    const before = target.disposed;
    stub[Symbol.dispose]();
    return [before, await until(() => target.disposed > 0), target.disposed];
  },
  "a target with dup() is duplicated": async (env) => {
    const target = new Dupable();
    await env.BACK.useCounter(target, 1);
    await until(() => target.dups[0].disposed > 0);
    return [target.dups.length, target.dups[0].disposed, target.disposed];
  },
  "dup() must give a target": async (env) => {
    class Bad extends RpcTarget {
      dup() {
        return 5;
      }
    }
    return await attempt(() => env.BACK.echo(new Bad()));
  },
  "a function's dup() must give a function": async (env) =>
    await attempt(() => env.BACK.callIt(Object.assign(() => 1, { dup: () => ({}) }))),
  "kept by the callee": async (env) => {
    const target = new Tracked();
    const result = await env.BACK.keepStub(target);
    const lines = [
      result.count, await attempt(() => result.addOriginal(1)), await result.addDup(7), await result.counter.add(4),
      target.disposed,
    ];
    result[Symbol.dispose]();
    lines.push(await attempt(() => result.counter.add(1)), await attempt(() => result.addDup(1)));
    lines.push(await until(() => target.disposed > 0), target.disposed);
    return lines;
  },
  "a local stub disposes of its target": async () => {
    const target = new Tracked();
    const stub = new RpcStub(target);
    const dup = stub.dup();
    stub[Symbol.dispose]();
    const before = await stub.dup === undefined;
    await dup.add(1);
    const during = target.disposed;
    dup[Symbol.dispose]();
    return [before, during, await until(() => target.disposed > 0), target.disposed];
  },
  "a callback in waitUntil": async (env) => {
    const heard = [];
    const result = await env.BACK.viaWaitUntil((text) => heard.push(text));
    return [result, await until(() => heard.length > 0), heard];
  },
};
