// AsyncLocalStorage and AsyncResource, on the frames of async_context.ts.
// https://developers.cloudflare.com/workers/runtime-apis/nodejs/asynclocalstorage/
import { currentFrame, enterFrame, frameWith, frameWithout, runInFrame, useFrames, valueIn } from "../../web/builtins/async_context.ts";

type Callback = (...args: any[]) => unknown;

function checkFunction(value: unknown, name: string): asserts value is Callback {
  if (typeof value === "function") return;
  throw Object.assign(
    new TypeError(`The "${name}" argument must be of type function. Received ${value === null ? "null" : `type ${typeof value}`}`),
    { code: "ERR_INVALID_ARG_TYPE" },
  );
}

export class AsyncLocalStorage<T> {
  readonly #otherwise: unknown;
  readonly name: string;

  constructor(options: { defaultValue?: T; name?: string } = {}) {
    useFrames();
    this.#otherwise = options.defaultValue;
    this.name = options.name === undefined ? "" : `${options.name}`;
  }

  /** `callback` later runs in the context of now. */
  static bind(callback: Callback): Callback {
    checkFunction(callback, "fn");
    return new AsyncResource("bound-anonymous-fn").bind(callback);
  }

  /** A function that calls another in the context of now. */
  static snapshot(): Callback {
    useFrames();
    const frame = currentFrame();
    return function (this: unknown, callback: unknown, ...args: unknown[]) {
      checkFunction(callback, "fn");
      return runInFrame(frame, callback, this, args);
    };
  }

  getStore(): T | undefined {
    return valueIn(currentFrame(), this, this.#otherwise) as T | undefined;
  }

  run(store: T, callback: Callback, ...args: unknown[]): unknown {
    return runInFrame(frameWith(currentFrame(), this, store), callback, undefined, args);
  }

  exit(callback: Callback, ...args: unknown[]): unknown {
    return runInFrame(frameWith(currentFrame(), this, undefined), callback, undefined, args);
  }

  enterWith(store: T): void {
    enterFrame(frameWith(currentFrame(), this, store));
  }

  disable(): void {
    enterFrame(frameWithout(this));
  }
}

export class AsyncResource {
  readonly type: string;
  readonly #frame;

  constructor(type: string, _options?: unknown) {
    if (typeof type !== "string") {
      throw Object.assign(
        new TypeError(`The "type" argument must be of type string. Received type ${typeof type}`),
        { code: "ERR_INVALID_ARG_TYPE" },
      );
    }
    useFrames();
    this.type = type;
    this.#frame = currentFrame();
  }

  static bind(callback: Callback, type?: string, self?: unknown): Callback {
    checkFunction(callback, "fn");
    return new AsyncResource(type ?? callback.name ?? "bound-anonymous-fn").bind(callback, self);
  }

  bind(callback: Callback, self?: unknown): Callback {
    checkFunction(callback, "fn");
    const resource = this;
    const bound = function (this: unknown, ...args: unknown[]) {
      return resource.runInAsyncScope(callback, self === undefined ? this : self, ...args);
    };
    Object.defineProperties(bound, {
      length: { value: callback.length, configurable: true },
      name: { value: `bound ${callback.name}`, configurable: true },
      asyncResource: { value: resource, enumerable: true, writable: true, configurable: true },
    });
    return bound;
  }

  runInAsyncScope(callback: Callback, self?: unknown, ...args: unknown[]): unknown {
    return runInFrame(this.#frame, callback, self, args);
  }

  /** Nothing is told to anybody, as there are no hooks. */
  emitDestroy(): this {
    return this;
  }
  asyncId(): number {
    return 0;
  }
  triggerAsyncId(): number {
    return 0;
  }
}
