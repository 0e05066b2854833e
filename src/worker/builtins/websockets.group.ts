export * from "../../web/builtins/websocket.ts";
export * from "./sockets.ts";
