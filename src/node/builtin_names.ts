// Which modules there are.
import { nodeModuleNames } from "../worker/builtins/node_names.ts";
import { requireNode } from "../worker/builtins/node_modules.ts";

/** Their names without "node:". */
export const names: readonly string[] = nodeModuleNames;

export function isBuiltin(name: string): boolean {
  return names.includes(name.replace(/^node:/, ""));
}

/** What require() gives for it. */
export const requireBuiltin = requireNode;
