// The callee's side: entrypoints and objects that the cases of ../front call.
import { DurableObject, RpcStub, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

export class Counter extends RpcTarget {
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
  // Not special on a target.
  fetch(a, b) {
    return `fetch ${a} ${b}`;
  }
}

class Box extends RpcTarget {
  #value;
  constructor(value) {
    super();
    this.#value = value;
  }
  get value() {
    return this.#value;
  }
}

class NotATarget {
  method() {
    return 1;
  }
}

const log = [];

export default class Service extends WorkerEntrypoint {
  field = "field";
  constructor(ctx, env) {
    super(ctx, env);
    this.ownMethod = () => "own";
    this.ownObject = { method: () => "own" };
  }
  fetch(request) {
    return new Response(`fetched ${request.method} ${request.url}`);
  }

  // Plain calls.
  noArguments() {
    return arguments.length;
  }
  join(...args) {
    return args.join("+");
  }
  async later(value) {
    await scheduler.wait(1);
    return value;
  }
  nothing() {}
  get getter() {
    return { number: 5, text: "text" };
  }
  get functionGetter() {
    return (a, b) => a - b;
  }
  get objectGetter() {
    const bare = { a: 1 };
    Object.setPrototypeOf(bare, null);
    return {
      method: (a, b) => a * b,
      deeper: { method: (a) => a + 1 },
      counter: new Counter(5),
      notATarget: new NotATarget(),
      text: "hello",
      bare,
    };
  }
  get promiseGetter() {
    return Promise.resolve(7);
  }
  get throwingGetter() {
    throw new Error("getter threw");
  }
  get rejectingGetter() {
    return Promise.reject(new Error("getter rejected"));
  }
  // Names that service stubs once had.
  get(a) {
    return a + 1;
  }
  put(a, b) {
    return a + b;
  }
  delete(a) {
    return a - 1;
  }
  name() {
    return "name";
  }
  length() {
    return "length";
  }
  queue() {
    return "queue";
  }
  alarm() {}
  webSocketMessage() {}
  static staticMethod() {
    return "static";
  }

  // Values.
  echo(value) {
    return value;
  }
  describe(value) {
    return describeValue(value);
  }
  notATarget() {
    return { inner: new NotATarget() };
  }
  bareObject() {
    const bare = { a: 1 };
    Object.setPrototypeOf(bare, null);
    return bare;
  }
  large(size) {
    return new Uint8Array(size);
  }
  async sizeOf(value) {
    return value.byteLength;
  }

  // Errors.
  throws(kind, message) {
    const error =
      kind === "DOMException" ? new DOMException(message, "NotFoundError") : new globalThis[kind](message);
    throw error;
  }
  throwsCustom() {
    class CustomError extends Error {
      name = "CustomError";
      code = 42;
      details = { a: [1, 2] };
    }
    throw new CustomError("custom", { cause: "the cause" });
  }
  throwsValue(value) {
    throw value;
  }
  throwsUnserializable() {
    const error = new Error("with a function");
    error.callback = () => 1;
    throw error;
  }
  throwsAggregate() {
    throw new AggregateError([new Error("one"), new TypeError("two")], "several");
  }
  async rejects(message) {
    await scheduler.wait(1);
    throw new RangeError(message);
  }
  returnsError() {
    const error = new RangeError("returned");
    error.code = 7;
    return { error };
  }

  // Functions and targets.
  async callIt(callback, ...args) {
    return await callback(...args);
  }
  async callTwice(callback) {
    const one = callback(1);
    const two = callback(2);
    return [await one, await two];
  }
  getFunction() {
    const add = (a, b) => a + b;
    add.property = 123;
    return add;
  }
  getCounter(count) {
    return new Counter(count);
  }
  getObject(count) {
    return { label: "label", counter: new Counter(count), nested: { fn: (x) => x * 2 } };
  }
  getBox(count) {
    return { box: new Box(new RpcStub(new Counter(count))) };
  }
  getMap() {
    return new Map([["fn", () => "from the map"], ["n", 1]]);
  }
  async useCounter(counter, number) {
    return await counter.add(number);
  }
  async countOf(counter) {
    return await counter.count;
  }
  identity(value) {
    return value;
  }
  async keepStub(stub) {
    const dup = stub.dup();
    return {
      count: await stub.add(5),
      counter: stub.dup(),
      async addOriginal(n) {
        return await stub.add(n);
      },
      async addDup(n) {
        return await dup.add(n);
      },
      [Symbol.dispose]() {
        dup[Symbol.dispose]();
      },
    };
  }
  disposable(callback) {
    const kept = callback.dup();
    return {
      value: 1,
      async [Symbol.dispose]() {
        await kept("disposed");
        kept[Symbol.dispose]();
      },
    };
  }
  disposableFunction(callback) {
    const kept = callback.dup();
    const fn = () => "called";
    fn[Symbol.dispose] = () => kept("function disposed");
    return fn;
  }
  returnRpcPromise(callback) {
    return callback();
  }
  returnNestedRpcPromise(callback) {
    return { value: callback() };
  }
  returnRpcProperty(callback) {
    return callback.property;
  }
  returnNestedRpcProperty(callback) {
    return { value: callback.property };
  }
  async pipelineOn(callback) {
    return await callback().counter.add(3);
  }
  throwOnCallback(callback) {
    return callback();
  }
  log(entry) {
    log.push(entry);
    return log.length;
  }

  // Streams.
  async writeTo(stream) {
    const writer = stream.getWriter();
    const encoder = new TextEncoder();
    await writer.write(encoder.encode("one, "));
    await writer.write(encoder.encode("two, "));
    await writer.write(encoder.encode("three"));
    await writer.close();
  }
  async writeUntilItFails(stream) {
    const writer = stream.getWriter();
    for (;;) await writer.write(new Uint8Array(1000));
  }
  async abortStream(stream) {
    await stream.getWriter().abort(new Error("aborted there"));
  }
  async readFrom(stream) {
    return await new Response(stream).text();
  }
  getStream() {
    const { readable, writable } = new IdentityTransformStream();
    this.ctx.waitUntil(this.writeTo(writable));
    return readable;
  }
  getStreams() {
    return [this.getStream(), this.getStream()];
  }
  getScriptStream(chunks) {
    let left = chunks;
    return new ReadableStream({
      pull(controller) {
        if (left-- === 0) controller.close();
        else controller.enqueue(new TextEncoder().encode(`chunk ${left};`));
      },
    });
  }
  getTextStream() {
    return new ReadableStream({
      start(controller) {
        controller.enqueue("a string");
        controller.close();
      },
    });
  }
  async cancelStream(stream) {
    const reader = stream.getReader();
    const { value } = await reader.read();
    await reader.cancel("enough");
    return new TextDecoder().decode(value);
  }

  // HTTP.
  getHeaders() {
    const headers = new Headers({ a: "1", b: "2" });
    headers.append("Set-Cookie", "x=1");
    headers.append("Set-Cookie", "y=2");
    return headers;
  }
  getRequest() {
    return new Request("http://example.com/path", {
      method: "PUT",
      headers: { "x-mine": "yes" },
      body: "the body",
      redirect: "manual",
      cf: { key: "value" },
    });
  }
  getResponse(status = 418) {
    return new Response("the response", { status, headers: { "x-mine": "yes" }, cf: { key: "value" } });
  }
  async readRequest(request) {
    return `${request.method} ${request.url} ${request.headers.get("x-a")} ${await request.text()}`;
  }
  async readResponse(response) {
    return `${response.status} ${response.headers.get("x-a")} ${await response.text()}`;
  }
  async viaWaitUntil(callback) {
    const kept = callback.dup();
    this.ctx.waitUntil(kept("from waitUntil"));
    return "returned";
  }

  // Stubs of services and objects.
  getSelf() {
    return this.ctx.exports.Named({ props: { role: "made" } });
  }
  getSelfInObject() {
    return { service: this.ctx.exports.Named({ props: { role: "nested" } }) };
  }
  getRoom(name) {
    return this.env.ROOM.getByName(name);
  }
  getRoomInObject(name) {
    return { room: this.env.ROOM.getByName(name) };
  }
  async callRoom(room, number) {
    return await room.add(number);
  }
  async callService(service, name) {
    return await service.greet(name);
  }
}

export function describeValue(value) {
  if (value === null || typeof value !== "object") return `${typeof value} ${String(value)}`;
  const kind = Object.prototype.toString.call(value);
  if (value instanceof Error) {
    return `${value.constructor.name} ${value.name}: ${value.message} ${JSON.stringify(Object.entries(value).sort())}`;
  }
  if (value instanceof Map) return `Map ${JSON.stringify([...value])}`;
  if (value instanceof Set) return `Set ${JSON.stringify([...value])}`;
  if (value instanceof Date) return `Date ${value.toISOString()}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} ${[...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]}`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer ${[...new Uint8Array(value)]}`;
  return `${kind} ${JSON.stringify(value)}`;
}

export class Named extends WorkerEntrypoint {
  greet(name) {
    return `${this.ctx.props.role} greets ${name}`;
  }
  props() {
    return this.ctx.props;
  }
  fetch() {
    return new Response(JSON.stringify(this.ctx.props));
  }
  exportsOf() {
    return Object.keys(this.ctx.exports).sort();
  }
}

export const plain = {
  none(x) {
    return x === undefined;
  },
  one(x, env, ctx) {
    return `${x} ${typeof env.ROOM} ${typeof ctx.waitUntil}`;
  },
  two(a, b, env, ctx) {
    return a + b + typeof env + typeof ctx;
  },
  property: 5,
  fetch() {
    return new Response("plain");
  },
};

export class Room extends DurableObject {
  #count = 0;
  order = [];
  field = 1;
  add(number) {
    return (this.#count += number);
  }
  get count() {
    return this.#count;
  }
  async fetch(request) {
    const path = new URL(request.url).pathname;
    this.order.push(`fetch ${path}`);
    return new Response(path);
  }
  note(text) {
    this.order.push(text);
  }
  notes() {
    return this.order;
  }
  id() {
    return [this.ctx.id.toString(), this.ctx.id.name];
  }
  throws(message) {
    throw new Error(message);
  }
  async put(key, value) {
    await this.ctx.storage.put(key, value);
  }
  async read(key) {
    return await this.ctx.storage.get(key);
  }
  counter() {
    return new Counter(100);
  }
  async putAndCall(callback) {
    this.ctx.storage.put("k", 1);
    return await callback("called");
  }
  abort(message) {
    this.ctx.abort(message);
  }
  async failBlock(message) {
    await this.ctx.blockConcurrencyWhile(() => {
      throw new Error(message);
    });
  }
  hang() {
    return new Promise(() => {});
  }
  tester() {
    return new Tester(this.ctx);
  }
  async callInBlock(callback) {
    return await this.ctx.blockConcurrencyWhile(async () => await callback(1));
  }
  async localInBlock() {
    return await this.ctx.blockConcurrencyWhile(async () => {
      const fn = () => 12345;
      return await this.env.BACK.callIt(fn);
    });
  }
  async keep(callback) {
    this.kept = callback.dup();
    return "kept";
  }
  async callKept(value) {
    return await this.kept(value);
  }
  alarm() {}
}

class Tester extends RpcTarget {
  #ctx;
  constructor(ctx) {
    super();
    this.#ctx = ctx;
  }
  ping() {
    return "pong";
  }
  hang() {
    return new Promise(() => {});
  }
  abort() {
    this.#ctx.abort("aborted by the test");
  }
}

export class Old {
  fetch() {
    return new Response("old");
  }
  method() {
    return 1;
  }
}
