// What can be bound.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const values = { string: "s", true: true, false: false, undefined, bigint: 5n, date: new Date(0), object: {}, list: [1], view: new Uint8Array([1]), "data view": new DataView(new ArrayBuffer(1)), function: () => {}, symbol: Symbol("s"), boxed: new String("x") };
    for (const [name, value] of Object.entries(values)) {
      await attempt(name, async () => sql.exec("SELECT ? AS v, typeof(?1) AS t", value).one());
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
