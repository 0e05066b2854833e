// Service bindings: another worker, to fetch() from and to call.
import { toRequest, withoutFragment } from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";
import { badArgument, illegalInvocation, platformPrototypes } from "../../web/builtins/webidl.ts";
import { fetchBy } from "./fetch.ts";
import { beforeOutput } from "./gates.ts";
import { rpc } from "./groups.ts";
import { addWildcard } from "./rpc_stubs.ts";

const { serviceFetch } = natives;

/** `props`: what the entrypoint gets as ctx.props, as JSON; "" for none. */
type Parts = [service: string, entrypoint: string, props: string];

const illegal = Symbol("illegal constructor");

/** Lets a derived class add its private fields to an object that is there already. */
const Base = function (this: object, object: object | undefined) {
  return object ?? this;
} as unknown as new (object: object | undefined) => object;

/** What a service stub is made of; undefined for anything else. */
export let fetcherParts: (object: object) => Parts | undefined;

export class Fetcher extends Base {
  readonly #parts: Parts;

  constructor(key: symbol, parts: Parts, object: object | undefined) {
    if (key !== illegal) throw new TypeError("Illegal constructor");
    super(object);
    this.#parts = parts;
  }

  async fetch(input: RequestInfo, init?: RequestInit): Promise<Response> {
    if (arguments.length === 0) throw badArgument("fetch", "Fetcher", 1, "Request or string");
    if (typeof this !== "object" && typeof this !== "function" || fetcherParts(this) === undefined) {
      throw illegalInvocation();
    }
    const request = withoutFragment(toRequest(input, init));
    const [service, entrypoint, props] = this.#parts;
    return fetchBy(request, beforeOutput(), (...message) =>
      serviceFetch(service, entrypoint, "", "", "", props, ...message),
    );
  }

  static {
    fetcherParts = (object) => (#parts in object ? object.#parts : undefined);
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: "Fetcher", configurable: true });
    platformPrototypes.add(this.prototype);
    addWildcard(this, (object) => {
      const parts = fetcherParts(object);
      return parts === undefined ? undefined : rpc.load().serviceEntry(...parts);
    });
  }
}

export function fetcherOf(service: string, entrypoint: string, props: string): Fetcher {
  return new Fetcher(illegal, [service, entrypoint, props], undefined);
}

/** One of a worker's own entrypoints: a service stub that makes others, with props, when called. */
export function loopbackFetcher(service: string, entrypoint: string): object {
  const callable = (options?: { props?: unknown }) =>
    fetcherOf(service, entrypoint, options?.props === undefined ? "" : JSON.stringify(options.props));
  const bare = callable as { name?: string; length?: number };
  delete bare.name;
  delete bare.length;
  Object.setPrototypeOf(callable, Fetcher.prototype);
  return new Fetcher(illegal, [service, entrypoint, ""], callable);
}
