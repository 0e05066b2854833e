// Programs on Selvage: all in one `selvage serve`, each a project of its own.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSelvage } from "../../js/server.mjs";
import { ask } from "../../support/requests.mjs";

function configuration({ name, objects, entrypoints, kv, flags, date, variables }) {
  return {
    name,
    main: "index.js",
    no_bundle: true,
    compatibility_date: date,
    compatibility_flags: flags,
    vars: variables,
    kv_namespaces: kv.map((binding) => ({ binding, id: `${name}-${binding}` })),
    durable_objects: { bindings: objects.map((className) => ({ name: className, class_name: className })) },
    migrations: objects.length ? [{ tag: "v1", new_sqlite_classes: objects }] : [],
    services: [
      { binding: "SELF", service: name },
      ...entrypoints.map((entrypoint) => ({ binding: entrypoint, service: name, entrypoint })),
    ],
  };
}

function writeProject(program, script, scratch) {
  const folder = join(scratch, "projects", program.name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "wrangler.json"), JSON.stringify(configuration(program)));
  writeFileSync(join(folder, "index.js"), script);
  return folder;
}

/** { run(program): lines, stop() }. `scratch` is a folder to work in. */
export async function onSelvage(list, scripts, scratch, { log = false } = {}) {
  const [first, ...others] = list.map((program) => writeProject(program, scripts.get(program.id), scratch));
  const server = await startSelvage(first, others);
  return {
    run: async ({ name }) => {
      const host = list.length === 1 ? "localhost" : `${name}.localhost`;
      const { status, text } = await ask(server.port, "/run-program", { host });
      return status === 200 ? JSON.parse(text) : [`(answers ${status})`, ...text.split("\n", 1)];
    },
    stop: async () => {
      await server.stop();
      if (log) process.stderr.write(server.log());
    },
  };
}
