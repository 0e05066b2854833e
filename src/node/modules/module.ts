// https://nodejs.org/api/module.html
import { names, isBuiltin, requireBuiltin } from "../builtin_names.ts";
import { checkString, nodeError } from "../errors.ts";

export const builtinModules: readonly string[] = Object.freeze([...names]);

/** Of builtin modules: a worker has no files to load from. */
export function createRequire(path: unknown): (name: string) => unknown {
  if (!(path instanceof URL)) checkString(path, "path");
  const missing = (name: string) =>
    nodeError(Error, "MODULE_NOT_FOUND", `Cannot find module '${name}': only modules of Node can be required at run time`);
  const require = (name: string): unknown => {
    checkString(name, "id");
    if (!isBuiltin(name)) throw missing(name);
    return requireBuiltin(name);
  };
  return Object.assign(require, {
    resolve(name: string): string {
      if (!isBuiltin(name)) throw missing(name);
      return name;
    },
  });
}

export { isBuiltin };
const module = { builtinModules, createRequire, isBuiltin };
export default module;
