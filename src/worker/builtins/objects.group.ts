export * from "./actor.ts";
export * from "./object_id.ts";
export * from "./object_namespace.ts";
