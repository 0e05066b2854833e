// Requests a second: hello, JSON, KV, Durable Objects.
import { join } from "node:path";
import { bench } from "../paths.mjs";
import { single } from "../servers/deployment.mjs";
import { at_least, at_most } from "./targets.mjs";
import { http_workload } from "./http_load.mjs";

const everyone = ["selvage", "workerd", "node", "bun", "deno"];
const ratio = (peer, least) => at_least(`${least} times ${peer}`, "per_second", least, { peer });

const hello = http_workload({
  name: "hello",
  title: "Hello",
  peers: [...everyone, "nginx"],
  targets: [ratio("workerd", 5), at_most("p99 under 2 ms", "p99_us", 2000), ratio("nginx", 0.75)],
  deployment: single("hello", "hello"),
});

const json = http_workload({
  name: "json",
  title: "JSON, 1 KiB there and back",
  peers: everyone,
  targets: [ratio("workerd", 4)],
  deployment: single("json", "json_echo"),
  script: join(bench, "loads/post_json.lua"),
});

const key_value = (name, title, path, targets) =>
  http_workload({
    name,
    title,
    peers: ["selvage", "workerd"],
    targets,
    deployment: single(name, "key_value", { kv: ["KV"] }),
    path,
    first: ["/put"],
  });

/** Every object exists before the load begins: the figure is about its work, not about creating it. */
const objects = (name, title, kind, count, targets) =>
  http_workload({
    name,
    title,
    peers: ["selvage", "workerd"],
    targets,
    deployment: single(name, "objects", { objects: { MEMORY: "MemoryCounter", STORED: "StoredCounter", SQL: "SqlCounter", READ: "StoredReader" } }),
    path: `/${kind}/${count}`,
    first: Array.from({ length: count }, (_, i) => `/${kind}/${count}/${i}`),
  });

const prompt_writes = at_most("p99 under 15 ms", "p99_us", 15_000);

export const throughput = [
  hello,
  json,
  key_value("kv-get", "KV get, 1 KiB", "/get", [ratio("workerd", 15)]),
  key_value("kv-put", "KV put, 1 KiB", "/put", [ratio("workerd", 8)]),
  objects("object-memory-1", "Object counter in memory, 1 object", "memory", 1, [ratio("workerd", 8)]),
  objects("object-memory-1000", "Object counter in memory, 1000 objects", "memory", 1000, [ratio("workerd", 8)]),
  objects("object-stored-1", "Durable counter (get, put), 1 object", "stored", 1, [ratio("workerd", 8), prompt_writes]),
  objects("object-stored-1000", "Durable counter (get, put), 1000 objects", "stored", 1000, [ratio("workerd", 15), prompt_writes]),
  objects("object-sql-1", "SQL upsert, 1 object", "sql", 1, [ratio("workerd", 8), prompt_writes]),
  objects("object-sql-1000", "SQL upsert, 1000 objects", "sql", 1000, [ratio("workerd", 15), prompt_writes]),
  objects("object-read-1", "Storage get, 1 object", "read", 1, [ratio("workerd", 8)]),
  objects("object-read-1000", "Storage get, 1000 objects", "read", 1000, [ratio("workerd", 8)]),
];
