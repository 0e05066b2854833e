// What an event of a Durable Object is, for whoever listens (worker/record_table.h).
import { isRequest, requestParts } from "../../web/builtins/index.ts";
import { isResponse } from "../../web/builtins/index.ts";
import { natives } from "../../web/builtins/natives.ts";

const { recordObjectEvent, recordObjectEventEnd } = natives;

/** As in record_natives.cc. */
const Kind = { request: 0, alarm: 1, rpc: 2, websocket: 3 } as const;

/** `subject`: the request, the time of an alarm, the method called, a WebSocket's event. `caller`: what
 * it comes from (record_table.h). Its number. */
export function recordEvent(
  object: InvocationId, id: string, description: string, subject: unknown, caller: number,
): number {
  if (typeof subject === "number") return recordObjectEvent(object, id, Kind.alarm, "", "", "", subject, caller);
  if (typeof subject === "string") {
    const kind = description === "RPC" ? Kind.rpc : Kind.websocket;
    return recordObjectEvent(object, id, kind, subject, "", "", 0, caller);
  }
  if (isRequest(subject)) {
    const { method, url, headers } = requestParts(subject);
    return recordObjectEvent(object, id, Kind.request, method, url, headers, 0, caller);
  }
  return recordObjectEvent(object, id, Kind.request, "GET", "", "", 0, caller);
}

export function recordEventEnd(object: InvocationId, event: number, succeeded: boolean, value: unknown): void {
  const status = succeeded && isResponse(value) ? value.status : 0;
  recordObjectEventEnd(object, event, status, value, !succeeded);
}
