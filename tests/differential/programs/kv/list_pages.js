// list() page by page, with cursors.
import { print } from "lines";

export default async (env) => {
  for (let i = 0; i < 7; ++i) await env.KV.put(`k${i}`, "v");
  let cursor;
  for (let page = 0; page < 5; ++page) {
    const result = await env.KV.list({ limit: 3, cursor });
    print(`page ${page}`, result.keys.map(({ name }) => name), result.list_complete, typeof result.cursor, Object.keys(result));
    if (result.list_complete) break;
    cursor = result.cursor;
  }
};
