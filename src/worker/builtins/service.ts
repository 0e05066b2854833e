// Service bindings: another worker as something to fetch() from.
import { requestParts, takeBody, toRequest } from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";
import { beforeOutput } from "./gates.ts";
import { responseFromParts, startRequest } from "./subrequest.ts";

const { serviceFetch } = natives;

export class Fetcher {
  readonly #service: string;
  readonly #entrypoint: string;

  constructor(service: string, entrypoint: string) {
    this.#service = service;
    this.#entrypoint = entrypoint;
  }

  async fetch(input: RequestInfo, init?: RequestInit): Promise<Response> {
    const request = toRequest(input, init);
    const { method, url, headers } = requestParts(request);
    await beforeOutput();
    const parts = await startRequest(takeBody(request), (body) =>
      serviceFetch(
        this.#service, this.#entrypoint, "", "", "", method, url, headers, body,
      ),
    );
    return responseFromParts(parts, url, false);
  }
}
Object.defineProperty(Fetcher.prototype, Symbol.toStringTag, {
  value: "Fetcher",
  configurable: true,
});
