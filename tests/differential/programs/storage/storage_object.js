// What storage is as an object.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const { storage } = this.ctx;
    print("tag", Object.prototype.toString.call(storage), storage.constructor.name);
    print("own", Object.keys(storage), storage === this.ctx.storage);
    const members = ["get", "put", "delete", "list", "deleteAll", "transaction", "transactionSync", "sync", "getAlarm", "setAlarm", "deleteAlarm", "sql", "kv", "getCurrentBookmark", "getBookmarkForTime", "onNextSessionRestoreBookmark"];
    for (const name of members) print(name, typeof storage[name]);
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
