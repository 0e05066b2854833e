// JSON functions and operators.
import { DurableObject } from "cloudflare:workers";
import { attempt, print } from "lines";

export class Box extends DurableObject {
  async fetch() {
    const { sql } = this.ctx.storage;
    const json = '{"a":[1,2,{"b":"c"}],"n":null}';
    const queries = ["json_extract(?1, '$.a[2].b')", "?1 -> '$.a'", "?1 ->> '$.a[0]'", "json_array_length(?1, '$.a')", "json_type(?1, '$.n')", "json_valid('{')", "json_set(?1, '$.x', 5)", "json_remove(?1, '$.a')", "json_patch(?1, '{\"n\":1}')", "json_object('k', json('[1]'))", "json_array(1, 'a', NULL)", "json_quote('x\"y')", "json_insert('[1]', '$[#]', 2)", "json_pretty('{\"a\":1}')", "typeof(jsonb('[1]'))"];
    for (const query of queries) await attempt(query, async () => sql.exec(`SELECT ${query} AS v`, ...(query.includes("?1") ? [json] : [])).one().v);
    print("each", sql.exec("SELECT key, value, type FROM json_each(?)", '{"x":1,"y":[2]}').toArray());
    print("tree", sql.exec("SELECT fullkey FROM json_tree(?)", '{"x":{"y":[0]}}').toArray());
    print("group", sql.exec("SELECT json_group_array(value) AS a, json_group_object(key, value) AS o FROM json_each('[5,6]')").one());
    await attempt("bad json", async () => sql.exec("SELECT json_extract('{', '$')").one());
    return new Response();
  }
}

export default (env) => env.Box.getByName("box").fetch("http://box/");
