// Too few and too many bindings.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    await attempt("too few", async () => sql.exec("SELECT ?, ?", 1).toArray());
    await attempt("too many", async () => sql.exec("SELECT ?", 1, 2).toArray());
    await attempt("none wanted", async () => sql.exec("SELECT 1", 1).toArray());
    await attempt("none given", async () => sql.exec("SELECT ?").toArray());
    await attempt("numbered", async () => sql.exec("SELECT ?2 AS b, ?1 AS a", "first", "second").toArray());
    await attempt("named", async () => sql.exec("SELECT :name AS n", "x").toArray());
    await attempt("at", async () => sql.exec("SELECT @name AS n, $other AS o", "x", "y").toArray());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
