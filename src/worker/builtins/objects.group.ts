export * from "./alarm.ts";
export * from "./actor.ts";
export * from "./object_id.ts";
export * from "./object_namespace.ts";
export { endObjects, evictObjects, objectsInMemory, resetObject, runningObject } from "./object_table.ts";
export { runObjectEvents } from "./object_turns.ts";
