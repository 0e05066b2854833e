// performance.now() and timeOrigin. As on Workers the origin is the epoch: now() is what Date.now()
// says, which leaves no clock finer than that to measure another tenant with.
// https://w3c.github.io/hr-time/
import { EventTarget } from "./event.ts";
import { defineInterface, illegalConstructor } from "./webidl.ts";

const internal = Symbol();
const dateNow = Date.now;

export class Performance extends EventTarget {
  #brand = true;
  constructor(key: unknown) {
    if (key !== internal) throw illegalConstructor();
    super();
  }
  get timeOrigin(): number {
    void this.#brand;
    return 0;
  }
  now(): number {
    void this.#brand;
    return dateNow();
  }
  toJSON(): object {
    return { timeOrigin: this.timeOrigin };
  }
}
defineInterface(Performance, "Performance");

export const performance = new Performance(internal);
