// Groups: builtins that are not in the startup snapshot but evaluated at their first use in an
// isolate. A group is bundled to a script of its own (tools/build-builtins.mjs); what it imports
// from modules of the snapshot it gets from there, so that there is one of everything.
//
// Modules outside of a group reach it through one of these objects (groups.ts lists them), never by
// an import that is more than a type.
import { natives } from "./natives.ts";

const { loadGroup } = natives;

/** Finds what a module of the snapshot exports, by "path:name". Set by the generated entry. */
let findInCore: (key: string) => unknown = () => undefined;
export function connectCore(find: (key: string) => unknown): void {
  findInCore = find;
}

export class Group<Exports extends object> {
  readonly #name: string;
  /** What the group's entry exports; undefined until somebody needed it. */
  loaded: Exports | undefined = undefined;

  constructor(name: string) {
    this.#name = name;
  }

  load(): Exports {
    return this.loaded ?? this.#load();
  }

  #load(): Exports {
    const module = { exports: {} as Exports };
    loadGroup(this.#name)(findInCore, module);
    // The bundler's exports are accessors; these are not.
    return (this.loaded = { ...module.exports });
  }
}
