// What a script sees of RPC: RpcTarget, and RpcStub, RpcPromise and RpcProperty, which have every
// property there is. Nothing is known here of how a call gets where it goes (Capability).
//
// The wildcard is a proxy behind the classes' prototypes: a look-up gets there only when neither the
// object nor its class has the property, and stubs stay ordinary objects.
import { platformPrototypes } from "../../web/builtins/webidl.ts";
import { rpc } from "./groups.ts";

/** What a call gives: its result in time, and before that something to call what it will give. */
export interface Outcome {
  promise: Promise<unknown>;
  pipeline: Capability;
}

/** Something that takes calls, and a share in it: each holder releases its own. */
export interface Capability {
  /** Calls what is at `path`; with null for arguments, gets it. May throw. */
  call(path: string[], args: unknown[] | null): Outcome;
  dup(): Capability;
  release(): void;
}

/** Something that calls start from: appends the names that lead there to `path`. May throw. */
export interface CallRoot {
  capability(path: string[]): Capability;
}

/** Returns its argument, which a derived class then adds its private fields to. */
const Identity = function (object: object) {
  return object;
} as unknown as new (object: object) => object;

/** Ties a script's object to its root: a private field that no script can see or forge. */
class Brand extends Identity {
  #root: CallRoot;
  constructor(object: object, root: CallRoot) {
    super(object);
    this.#root = root;
  }
  static rootOf(object: object): CallRoot | undefined {
    return #root in object ? object.#root : undefined;
  }
}

/** Makes the root of an object of another class with the wildcard; see addWildcard(). */
type MakeRoot = (object: object) => CallRoot | undefined;
const rootMakers: MakeRoot[] = [];

function rootOfAny(object: object): CallRoot | undefined {
  const root = Brand.rootOf(object);
  if (root !== undefined) return root;
  for (const make of rootMakers) {
    const made = make(object);
    if (made !== undefined) return made;
  }
  return undefined;
}

class StubRoot implements CallRoot {
  target: Capability | null;
  constructor(target: Capability) {
    this.target = target;
  }
  capability(): Capability {
    return (
      this.target ?? new BrokenCapability(new Error("RPC stub used after being disposed."))
    );
  }
  dispose(): void {
    const { target } = this;
    this.target = null;
    target?.release();
  }
}

const maximumDepth = 64;

class PropertyRoot implements CallRoot {
  readonly parent: CallRoot;
  readonly name: string;
  readonly depth: number;
  constructor(parent: CallRoot, name: string) {
    this.depth = parent instanceof PropertyRoot ? parent.depth + 1 : 0;
    if (this.depth > maximumDepth) {
      throw new TypeError(`RPC pipelined property path is too deep (max ${maximumDepth}).`);
    }
    this.parent = parent;
    this.name = name;
  }
  capability(path: string[]): Capability {
    const capability = this.parent.capability(path);
    path.push(this.name);
    return capability;
  }
}

class PromiseRoot implements CallRoot {
  readonly inner: Promise<unknown>;
  #pipeline: Capability | null;
  #result: unknown = undefined;
  #disposed = false;

  constructor(outcome: Outcome) {
    this.#pipeline = outcome.pipeline;
    this.inner = outcome.promise.then((result) => {
      if (this.#disposed) {
        disposeOf(result);
      } else {
        this.#pipeline = null;
        this.#result = result;
      }
      return result;
    });
  }

  capability(): Capability {
    if (this.#disposed) throw new Error("RPC promise used after being disposed.");
    if (this.#pipeline !== null) {
      // Whoever calls gets the failure.
      this.inner.catch(() => {});
      return this.#pipeline;
    }
    const result = this.#result;
    if ((typeof result !== "object" && typeof result !== "function") || result === null) {
      throw new TypeError("Can't pipeline on RPC that did not return an object.");
    }
    return rpc.load().capabilityOfResult(result);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#pipeline === null) disposeOf(this.#result);
  }
}

/** Calls a value's disposer, if it has one. */
export function disposeOf(value: unknown): void {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return;
  const dispose: unknown = (value as { [Symbol.dispose]?: unknown })[Symbol.dispose];
  if (typeof dispose === "function") Reflect.apply(dispose, value, []);
}

/** Calls, or gets, what `name` (if any) is below `root`. Failures are in the outcome. */
function callFrom(root: CallRoot, name: string | undefined, args: unknown[] | null): Outcome {
  try {
    const path: string[] = [];
    const capability = root.capability(path);
    if (name !== undefined) path.push(name);
    return capability.call(path, args);
  } catch (error) {
    return { promise: Promise.reject(error), pipeline: new BrokenCapability(error) };
  }
}

export class BrokenCapability implements Capability {
  readonly #error: unknown;
  constructor(error: unknown) {
    this.#error = error;
  }
  call(): Outcome {
    throw this.#error;
  }
  dup(): Capability {
    return this;
  }
  release(): void {}
}

/** A function with the given prototype and no properties of its own. */
function makeCallable(prototype: object, root: CallRoot, call: (args: unknown[]) => unknown): object {
  const callable = (...args: unknown[]) => call(args);
  const bare = callable as { name?: string; length?: number };
  delete bare.name;
  delete bare.length;
  Object.setPrototypeOf(callable, prototype);
  new Brand(callable, root);
  return callable;
}

export function makeStub(capability: Capability): object {
  const root = new StubRoot(capability);
  return makeCallable(RpcStub.prototype, root, (args) => makePromise(callFrom(root, undefined, args)));
}

function makePromise(outcome: Outcome): object {
  const root = new PromiseRoot(outcome);
  return makeCallable(RpcPromise.prototype, root, (args) =>
    makePromise(callFrom(root, undefined, args)),
  );
}

function makeProperty(parent: CallRoot, name: string): object {
  const root = new PropertyRoot(parent, name);
  return makeCallable(RpcProperty.prototype, root, (args) => makePromise(callFrom(parent, name, args)));
}

function rootOf<T extends CallRoot>(object: unknown, kind: new (...args: never[]) => T): T {
  const root =
    typeof object === "function" || (typeof object === "object" && object !== null)
      ? Brand.rootOf(object)
      : undefined;
  if (root instanceof kind) return root;
  throw new TypeError("Illegal invocation");
}

/** The capability of an RpcStub; undefined when `object` is none. */
export function stubCapability(object: object): Capability | undefined {
  const root = Brand.rootOf(object);
  return root instanceof StubRoot ? root.capability() : undefined;
}

export function isStub(object: object): boolean {
  return Brand.rootOf(object) instanceof StubRoot;
}

/** The class's name when `object` is an RpcPromise or an RpcProperty. */
export function isPipelined(object: object): "RpcPromise" | "RpcProperty" | undefined {
  const root = Brand.rootOf(object);
  if (root instanceof PropertyRoot) return "RpcProperty";
  return root instanceof PromiseRoot ? "RpcPromise" : undefined;
}

/** Is it something that calls start from, other than a promise or a property: a stub of any kind. */
export function takesCalls(object: object): boolean {
  return rootOfAny(object) !== undefined && isPipelined(object) === undefined;
}

/** Is RpcTarget's prototype behind it? Of a proxy, what it says of itself counts. */
export function isRpcTarget(object: object): boolean {
  for (
    let prototype: unknown = Object.getPrototypeOf(object);
    prototype !== null;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    if (prototype === RpcTarget.prototype) return true;
  }
  return false;
}

export class RpcTarget {}

export class RpcStub {
  constructor(target: object) {
    return rpc.load().makeOwnStub(target) as RpcStub;
  }
  dup(): object {
    return makeStub(rootOf(this, StubRoot).capability().dup());
  }
  [Symbol.dispose](): void {
    rootOf(this, StubRoot).dispose();
  }
}

type Handler = ((value: unknown) => unknown) | null | undefined;

export class RpcPromise {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
  // Looked at by `await`: an own thenable, so that pipelining stays possible.
  then(onFulfilled: Handler, onRejected?: Handler): Promise<unknown> {
    return rootOf(this, PromiseRoot).inner.then(onFulfilled, onRejected);
  }
  catch(onRejected: Handler): Promise<unknown> {
    return rootOf(this, PromiseRoot).inner.catch(onRejected);
  }
  finally(onFinally: (() => void) | null | undefined): Promise<unknown> {
    return rootOf(this, PromiseRoot).inner.finally(onFinally);
  }
  [Symbol.dispose](): void {
    rootOf(this, PromiseRoot).dispose();
  }
}

/** Gets the property: each time it is asked for. */
function fetchProperty(property: unknown): Promise<unknown> {
  const { parent, name } = rootOf(property, PropertyRoot);
  return callFrom(parent, name, null).promise;
}

export class RpcProperty {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
  then(onFulfilled: Handler, onRejected?: Handler): Promise<unknown> {
    return fetchProperty(this).then(onFulfilled, onRejected);
  }
  catch(onRejected: Handler): Promise<unknown> {
    return fetchProperty(this).catch(onRejected);
  }
  finally(onFinally: (() => void) | null | undefined): Promise<unknown> {
    return fetchProperty(this).finally(onFinally);
  }
}

function isIndex(name: string): boolean {
  const first = name.charCodeAt(0);
  return first >= 48 && first <= 57 && String(Number(name) >>> 0) === name;
}

/** JSON.stringify(), which passes a key, is shown the stub's own properties; else it is a method. */
function makeToJson(object: object, parent: CallRoot): object {
  const root = new PropertyRoot(parent, "toJSON");
  return makeCallable(RpcProperty.prototype, root, (args) =>
    args.length === 1 && typeof args[0] === "string"
      ? { ...object }
      : makePromise(callFrom(parent, "toJSON", args)),
  );
}

const wildcard = new Proxy(
  {},
  {
    get(_, name, receiver: object) {
      // An index is no name of a property, as on Workers.
      if (typeof name === "symbol" || name in Object.prototype || isIndex(name)) {
        return Reflect.get(Object.prototype, name, receiver) as unknown;
      }
      // What has a method `then` would be taken for a promise.
      const root = name === "then" ? undefined : rootOfAny(receiver);
      if (root === undefined) return undefined;
      return name === "toJSON" && typeof receiver === "object" ? makeToJson(receiver, root) : makeProperty(root, name);
    },
    has(_, name) {
      return typeof name === "string" ? name !== "then" : name in Object.prototype;
    },
  },
);

/** Gives the objects of a class every property; `make` gives what their calls start from. */
export function addWildcard(constructor: { prototype: object }, make?: MakeRoot): void {
  Object.setPrototypeOf(constructor.prototype, wildcard);
  if (make !== undefined) rootMakers.push(make);
}

for (const [constructor, name] of [
  [RpcStub, "RpcStub"],
  [RpcPromise, "RpcPromise"],
  [RpcProperty, "RpcProperty"],
  [RpcTarget, "RpcTarget"],
] as const) {
  Object.defineProperty(constructor, "name", { value: name, configurable: true });
  platformPrototypes.add(constructor.prototype);
  // Its name in workerd's C++.
  Object.defineProperty(constructor.prototype, Symbol.toStringTag, { value: `Js${name}`, configurable: true });
  if (constructor !== RpcTarget) addWildcard(constructor);
}
