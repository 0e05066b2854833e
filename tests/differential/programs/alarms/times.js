// Times that setAlarm() takes and refuses.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Clock extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const far = Date.now() + 1_000_000;
    await attempt("number", () => storage.setAlarm(far));
    print("same", (await storage.getAlarm()) === far);
    await attempt("date", () => storage.setAlarm(new Date(far + 1)));
    print("one more", (await storage.getAlarm()) - far);
    await attempt("fraction", () => storage.setAlarm(far + 0.5));
    print("whole", (await storage.getAlarm()) - far);
    for (const [name, time] of Object.entries({ zero: 0, negative: -1, nan: NaN, text: "abc", "number text": String(far), null: null, undefined, infinite: Infinity, object: {}, "invalid date": new Date(NaN) })) {
      await attempt(name, () => storage.setAlarm(time));
    }
    await attempt("nothing", () => storage.setAlarm());
    await storage.deleteAlarm();
    return new Response();
  }

  alarm() {}
}

export default (env) => env.Clock.getByName("c").fetch("http://c/");
