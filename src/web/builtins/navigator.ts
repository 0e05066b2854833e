// navigator.
// https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent
import { defineInterface, illegalConstructor } from "./webidl.ts";

const internal = Symbol();

export class Navigator {
  #brand = true;
  constructor(key: unknown) {
    if (key !== internal) throw illegalConstructor();
  }
  get userAgent(): string {
    void this.#brand;
    return "Cloudflare-Workers";
  }
}
defineInterface(Navigator, "Navigator");

export const navigator = new Navigator(internal);
