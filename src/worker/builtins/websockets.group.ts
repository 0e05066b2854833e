export * from "../../web/builtins/websocket.ts";
export * from "./object_sockets.ts";
export * from "./socket_events.ts";
export * from "./sockets.ts";
