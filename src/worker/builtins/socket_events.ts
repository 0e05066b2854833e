// What the native side tells about sockets. A hibernatable socket that the script does not know
// wakes its object.
import { natives } from "../../web/builtins/natives.ts";
import { deliverClose, deliverError, deliverMessage, isHalfOpen } from "../../web/builtins/websocket.ts";
import { objects } from "./groups.ts";
import { halfOpen, openSockets } from "./sockets.ts";
import { namespaceId, worker } from "./state.ts";

const { socketObject } = natives;

function socketOf(number: number): WebSocket | undefined {
  const socket = openSockets.get(number);
  if (socket !== undefined) return socket;
  const object = socketObject(number);
  if (object === undefined) return undefined;
  const [className, id, name] = object;
  const { actorHere, objectIdOf } = objects.load();
  const actor = actorHere(
    className,
    namespaceId(worker.name, className),
    objectIdOf(id, name === "" ? undefined : name),
  );
  return actor.sockets.revive(number);
}

export function socketMessage(number: number, data: string | ArrayBuffer, invocation: number): void {
  const socket = socketOf(number);
  if (socket !== undefined) deliverMessage(socket, data, invocation);
}

export function socketClosed(number: number, reason: string, _invocation: number, code: number): void {
  const socket = socketOf(number);
  if (socket === undefined) return;
  if (code !== 1006 && isHalfOpen(socket) && socket.readyState === 1) {
    halfOpen.add(number);
  } else {
    halfOpen.delete(number);
    openSockets.delete(number);
  }
  deliverClose(socket, code, reason, code !== 1006);
}

export function socketError(number: number, message: string): void {
  const socket = socketOf(number);
  if (socket === undefined) return;
  openSockets.delete(number);
  deliverError(socket, message);
}
