// A cursor step by step.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const cursor = sql.exec("SELECT value FROM json_each('[10,20]')");
    print("kind", Object.prototype.toString.call(cursor), cursor.constructor.name);
    print("next", cursor.next(), cursor.next(), cursor.next(), cursor.next());
    print("iterator", typeof cursor[Symbol.iterator], cursor[Symbol.iterator]() === cursor);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
