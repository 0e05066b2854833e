// Limits on the size of a statement and its parts.
import { DurableObject } from "cloudflare:workers";
import { attempt } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    await attempt("100 kB", async () => sql.exec(`SELECT 1 AS a -- ${"x".repeat(99_000)}`).one());
    await attempt("more", async () => sql.exec(`SELECT 1 AS a -- ${"x".repeat(101_000)}`).one());
    await attempt("100 columns", async () => Object.keys(sql.exec(`SELECT ${Array.from({ length: 100 }, (_, i) => `${i} AS c${i}`)}`).one()).length);
    await attempt("101 columns", async () => Object.keys(sql.exec(`SELECT ${Array.from({ length: 101 }, (_, i) => `${i} AS c${i}`)}`).one()).length);
    await attempt("table of 101 columns", async () => sql.exec(`CREATE TABLE t (${Array.from({ length: 101 }, (_, i) => `c${i}`)})`).toArray());
    await attempt("100 variables", async () => sql.exec(`SELECT json_array(${Array.from({ length: 50 }, () => "?")}), json_array(${Array.from({ length: 50 }, () => "?")})`, ...new Array(100).fill(1)).toArray().length);
    await attempt("101 variables", async () => sql.exec(`SELECT 1 WHERE 1 IN (${Array.from({ length: 101 }, () => "?")})`, ...new Array(101).fill(1)).toArray());
    await attempt("5 compounds", async () => sql.exec(Array.from({ length: 5 }, (_, i) => `SELECT ${i} AS a`).join(" UNION ")).toArray().length);
    await attempt("6 compounds", async () => sql.exec(Array.from({ length: 6 }, (_, i) => `SELECT ${i} AS a`).join(" UNION ")).toArray().length);
    await attempt("values of many rows", async () => sql.exec(`SELECT count(*) AS n FROM (VALUES ${Array.from({ length: 50 }, (_, i) => `(${i})`)})`).one());
    await attempt("LIKE of 50", async () => sql.exec("SELECT 'x' LIKE ? AS a", "y".repeat(50)).one());
    await attempt("LIKE of 51", async () => sql.exec("SELECT 'x' LIKE ? AS a", "y".repeat(51)).one());
    await attempt("GLOB of 51", async () => sql.exec("SELECT 'x' GLOB ? AS a", "y".repeat(51)).one());
    await attempt("deep expression", async () => sql.exec(`SELECT ${"(1 + ".repeat(110)}1${")".repeat(110)} AS a`).one());
    await attempt("32 arguments", async () => sql.exec(`SELECT max(${Array.from({ length: 32 }, (_, i) => i)}) AS a`).one());
    await attempt("128 arguments", async () => sql.exec(`SELECT max(${Array.from({ length: 128 }, (_, i) => i)}) AS a`).one());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
