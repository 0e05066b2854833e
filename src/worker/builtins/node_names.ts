// The modules of src/node/modules, without "node:".
export const nodeModuleNames: readonly string[] = [
  "assert", "assert/strict", "async_hooks", "buffer", "console", "constants", "crypto",
  "diagnostics_channel", "events", "module", "path", "path/posix", "path/win32", "process", "punycode",
  "querystring", "stream", "stream/consumers", "stream/promises", "stream/web", "string_decoder",
  "timers", "timers/promises", "url", "util", "util/types",
];
