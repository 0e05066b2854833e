// Instances lose their class; accessors and symbols go; identity within one value stays.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    class Point {
      constructor() {
        this.x = 1;
      }
      get twice() {
        return this.x * 2;
      }
    }
    await storage.put("point", new Point());
    const point = await storage.get("point");
    print("point", point, point instanceof Point, point.twice);
    await storage.put("getter", { get a() { return 5; }, [Symbol("s")]: 1, b: undefined });
    print("getter", await storage.get("getter"), Object.keys(await storage.get("getter")));
    const shared = { n: 1 };
    await storage.put("shared", [shared, shared]);
    const [a, b] = await storage.get("shared");
    print("same", a === b);
    const circular = { name: "c" };
    circular.self = circular;
    await storage.put("circular", circular);
    const back = await storage.get("circular");
    print("circular", back.self === back);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
