export * from "./rpc_entry.ts";
export * from "./rpc_session.ts";
