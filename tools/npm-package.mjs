// Prints the package.json of the npm package: `node tools/npm-package.mjs <version>`.
// What it runs on, V8's carrier and the bundler, are the versions it was built and tested with.
import { readFileSync } from "node:fs";

const pinned = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const cpu = process.arch;

console.log(
  JSON.stringify(
    {
      name: "selvage",
      version: process.argv[2],
      description: "Cloudflare-compatible Workers, Workers KV and Durable Objects on your own machines",
      license: "Apache-2.0",
      os: ["linux"],
      cpu: [cpu],
      libc: ["glibc"],
      bin: { selvage: "bin/selvage" },
      files: ["bin", "README.md", "CHANGELOG.md", "LICENSE", "THIRD_PARTY.md"],
      dependencies: {
        unenv: pinned.dependencies.unenv,
        [`@esbuild/linux-${cpu}`]: pinned.dependencies.esbuild,
        [`node-linux-${cpu}`]: pinned.optionalDependencies[`node-linux-${cpu}`],
      },
    },
    null,
    2,
  ),
);
