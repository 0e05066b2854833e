// What kind of thing an SQL error is.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    try {
      sql.exec("SELECT * FROM missing");
    } catch (error) {
      print("error", error instanceof Error, error.constructor.name, Object.keys(error), error.name);
    }
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
