// Blobs: ArrayBuffers that are copies.
import { DurableObject } from "cloudflare:workers";
import { print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const bytes = new Uint8Array([1, 2, 3]);
    sql.exec("CREATE TABLE t (b BLOB)");
    sql.exec("INSERT INTO t VALUES (?)", bytes);
    bytes[0] = 9;
    const { b } = sql.exec("SELECT b FROM t").one();
    print("kind", b instanceof ArrayBuffer, b);
    sql.exec("INSERT INTO t VALUES (?)", bytes.subarray(1, 2));
    print("part", sql.exec("SELECT b FROM t").raw().toArray());
    print("empty", sql.exec("SELECT ? AS e, typeof(?1) AS t", new ArrayBuffer(0)).one());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
