// Static assets on Selvage and on miniflare (the asset and router workers of Cloudflare): a table of
// sites and requests, each sent to both; the same status, the same fields that matter, the same body.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { Miniflare } from "miniflare";
import { lifetime, serve, temporaryFolder } from "../support/selvage.mjs";
import { sites } from "./assets/sites.mjs";

/** Fields that are compared, but for those a case leaves out. */
const compared = [
  "content-type", "cache-control", "location", "cf-cache-status", "x-a", "x-b", "x-c",
  "content-security-policy", "content-range",
];

/** Raw, so that paths arrive as they are written here. */
function ask(origin, { method = "GET", path, headers = {} }) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const sent = httpRequest(
      { hostname, port, method, path, headers: { "Accept-Encoding": "identity", Host: "site.example", ...headers } },
      (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString("latin1") }),
        );
      },
    );
    sent.on("error", reject).end();
  });
}

function essence(answer, site, hasTag) {
  const fields = {};
  for (const name of compared) {
    if (answer.headers[name] !== undefined) fields[name] = answer.headers[name];
  }
  // A tag's value is each one's own; whether there is one is not.
  return { status: answer.status, fields, tag: hasTag && answer.headers.etag !== undefined, body: answer.body };
}

for (const [name, site] of Object.entries(sites)) {
  describe(name, async () => {
    const life = lifetime();
    const folder = temporaryFolder(life);
    for (const [path, content] of Object.entries(site.files)) {
      const file = join(folder, "public", path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    const date = site.date ?? "2026-07-01";
    const config = {
      name: "site",
      compatibility_date: date,
      ...(site.script ? { main: "index.js" } : {}),
      ...(site.flags ? { compatibility_flags: site.flags } : {}),
      assets: { directory: "public", binding: "ASSETS", ...site.assets },
    };
    writeFileSync(join(folder, "wrangler.json"), JSON.stringify(config));
    if (site.script) writeFileSync(join(folder, "index.js"), site.script);
    const { run_worker_first: first, ...handling } = site.assets ?? {};
    const rules = Array.isArray(first) ? first : undefined;
    const selvage = serve(life, folder);
    const miniflare = new Miniflare({
      name: "site",
      modules: true,
      script: site.script ?? "export default {}",
      compatibilityDate: date,
      compatibilityFlags: site.flags ?? [],
      assets: {
        directory: join(folder, "public"),
        binding: "ASSETS",
        workerName: "site",
        routerConfig: {
          has_user_worker: site.script !== undefined,
          invoke_user_worker_ahead_of_assets: first === true,
          ...(rules
            ? {
                static_routing: {
                  user_worker: rules.filter((rule) => !rule.startsWith("!")),
                  asset_worker: rules.filter((rule) => rule.startsWith("!")).map((rule) => rule.slice(1)),
                },
              }
            : {}),
        },
        assetConfig: handling,
      },
    });
    life.after(() => miniflare.dispose());
    const both = Promise.all([selvage, miniflare.ready]);

    for (const each of site.requests) {
      const one = typeof each === "string" ? { path: each } : each;
      test(`${one.method ?? "GET"} ${one.path} ${one.headers ? JSON.stringify(one.headers) : ""}`, async () => {
        const [ours, theirs] = await both;
        const mine = await ask(`http://127.0.0.1:${ours.port}`, one);
        const other = await ask(theirs.href, one);
        const tag = other.status < 300;
        const here = essence(mine, site, tag);
        const there = essence(other, site, tag);
        if (one.differs) {
          assert.notDeepEqual(here, there, "no difference any more: take it from the table");
          assert.equal(mine.status, one.status);
        } else {
          assert.deepEqual(here, there);
        }
      });
    }
  });
}
