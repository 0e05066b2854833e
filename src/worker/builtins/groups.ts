// The groups of the worker's builtins; see src/web/builtins/group.ts.
import { Group, websockets } from "../../web/builtins/index.ts";

export const kv = new Group<typeof import("./kv.group.ts")>("kv");
export const rateLimit = new Group<typeof import("./rate_limit.group.ts")>("rate_limit");
/** Events that are no requests. */
export const events = new Group<typeof import("./events.group.ts")>("events");
/** Exceptions on their way to callers elsewhere. */
export const exceptions = new Group<typeof import("./exceptions.group.ts")>("exceptions");
/** Durable Objects, from both sides: bindings to them, and what runs them. */
export const objects = new Group<typeof import("./objects.group.ts")>("objects");
/** Durable Objects' SQL. */
export const sql = new Group<typeof import("./sql.group.ts")>("sql");
/** RPC: values, sessions, and where they begin; the classes that scripts see are in rpc_stubs.ts. */
export const rpc = new Group<typeof import("./rpc.group.ts")>("rpc");
/** WebSocket and what connects it to the outside. */
export const sockets = websockets as Group<object> as Group<typeof import("./websockets.group.ts")>;
