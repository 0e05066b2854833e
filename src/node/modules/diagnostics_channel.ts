// https://nodejs.org/api/diagnostics_channel.html
import type { AsyncLocalStorage } from "node:async_hooks";
import { reportUncaught } from "../../web/builtins/event.ts";
import { checkFunction, invalidArgType } from "../errors.ts";

type Name = string | symbol;
type Subscriber = (message: unknown, name: Name) => void;
type Transform = (message: unknown) => unknown;

const channels = new Map<Name, Channel>();

export class Channel {
  readonly name: Name;
  #subscribers: readonly Subscriber[] = [];
  readonly #stores = new Map<AsyncLocalStorage<unknown>, Transform | undefined>();

  constructor(name: Name) {
    this.name = name;
  }

  get hasSubscribers(): boolean {
    return this.#subscribers.length > 0 || this.#stores.size > 0;
  }

  subscribe(subscriber: Subscriber): void {
    checkFunction(subscriber, "subscription");
    this.#subscribers = [...this.#subscribers, subscriber];
  }

  unsubscribe(subscriber: Subscriber): boolean {
    const index = this.#subscribers.indexOf(subscriber);
    if (index < 0) return false;
    this.#subscribers = this.#subscribers.toSpliced(index, 1);
    return true;
  }

  /** A subscriber that throws keeps no other from hearing it. */
  publish(message: unknown): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(message, this.name);
      } catch (error) {
        queueMicrotask(() => reportUncaught(error));
      }
    }
  }

  bindStore(store: AsyncLocalStorage<unknown>, transform?: Transform): void {
    this.#stores.set(store, transform);
  }

  unbindStore(store: AsyncLocalStorage<unknown>): boolean {
    return this.#stores.delete(store);
  }

  /** Publishes, and calls `run` with the message in the bound stores. */
  runStores(message: unknown, run: (...args: any[]) => unknown, self?: unknown, ...args: unknown[]): unknown {
    let inner = () => {
      this.publish(message);
      return Reflect.apply(run, self, args);
    };
    for (const [store, transform] of this.#stores) {
      const next = inner;
      inner = () => {
        let value = message;
        try {
          if (transform !== undefined) value = transform(message);
        } catch (error) {
          queueMicrotask(() => reportUncaught(error));
          return next();
        }
        return store.run(value, next);
      };
    }
    return inner();
  }
}

export function channel(name: Name): Channel {
  if (typeof name !== "string" && typeof name !== "symbol") throw invalidArgType("channel", ["string", "symbol"], name);
  let found = channels.get(name);
  if (found === undefined) channels.set(name, (found = new Channel(name)));
  return found;
}

export function hasSubscribers(name: Name): boolean {
  return channels.get(name)?.hasSubscribers ?? false;
}

export function subscribe(name: Name, subscriber: Subscriber): void {
  channel(name).subscribe(subscriber);
}

export function unsubscribe(name: Name, subscriber: Subscriber): boolean {
  return channel(name).unsubscribe(subscriber);
}

const events = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;
type Events = Record<(typeof events)[number], Channel>;
type Callback = (...args: any[]) => any;

export class TracingChannel {
  declare readonly start: Channel;
  declare readonly end: Channel;
  declare readonly asyncStart: Channel;
  declare readonly asyncEnd: Channel;
  declare readonly error: Channel;

  constructor(name: string | Events) {
    for (const event of events) {
      const value = typeof name === "string" ? channel(`tracing:${name}:${event}`) : name[event];
      Object.defineProperty(this, event, { value, enumerable: true });
    }
  }

  get hasSubscribers(): boolean {
    return events.some((event) => this[event].hasSubscribers);
  }

  subscribe(handlers: Partial<Record<keyof Events, Subscriber>>): void {
    for (const event of events) if (handlers[event] !== undefined) this[event].subscribe(handlers[event]);
  }

  unsubscribe(handlers: Partial<Record<keyof Events, Subscriber>>): boolean {
    let all = true;
    for (const event of events) {
      if (handlers[event] !== undefined && !this[event].unsubscribe(handlers[event])) all = false;
    }
    return all;
  }

  traceSync(run: Callback, context: Record<string, unknown> = {}, self?: unknown, ...args: unknown[]): unknown {
    if (!this.hasSubscribers) return Reflect.apply(run, self, args);
    return this.start.runStores(context, () => {
      try {
        const result: unknown = Reflect.apply(run, self, args);
        context.result = result;
        return result;
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  tracePromise(run: Callback, context: Record<string, unknown> = {}, self?: unknown, ...args: unknown[]): unknown {
    if (!this.hasSubscribers) return Reflect.apply(run, self, args);
    const settled = (key: "result" | "error", value: unknown) => {
      context[key] = value;
      if (key === "error") this.error.publish(context);
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
    };
    return this.start.runStores(context, () => {
      try {
        return Promise.resolve(Reflect.apply(run, self, args)).then(
          (value: unknown) => {
            settled("result", value);
            return value;
          },
          (error: unknown) => {
            settled("error", error);
            throw error;
          },
        );
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  traceCallback(run: Callback, position = -1, context: Record<string, unknown> = {}, self?: unknown, ...args: any[]): unknown {
    if (!this.hasSubscribers) return Reflect.apply(run, self, args);
    const callback: unknown = args.at(position);
    checkFunction(callback, "callback");
    const { asyncStart, asyncEnd, error: errors } = this;
    args.splice(position, 1, function (this: unknown, error: unknown, result: unknown) {
      if (error) {
        context.error = error;
        errors.publish(context);
      } else {
        context.result = result;
      }
      asyncStart.runStores(context, () => {
        try {
          return Reflect.apply(callback, this, arguments);
        } finally {
          asyncEnd.publish(context);
        }
      });
    });
    return this.start.runStores(context, () => {
      try {
        return Reflect.apply(run, self, args);
      } catch (error) {
        context.error = error;
        errors.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
}

export function tracingChannel(name: string | Events): TracingChannel {
  return new TracingChannel(name);
}
