// The groups of the Web platform's builtins, and what can be said of a value without loading one: of
// a class that does not exist yet there are no objects.
import { Group } from "./group.ts";
import type { Blob, File } from "./blob.ts";
import type { FormData } from "./form_data.ts";
import type { ReadableStream } from "./streams.ts";
import type { WebSocket } from "./websocket.ts";

/** Streams, and the transform streams of compression and text. */
export const streams = new Group<typeof import("./streams.group.ts")>("streams");
/** Blob, File, FormData and their encoding. */
export const forms = new Group<typeof import("./forms.group.ts")>("forms");
/** How console shows values. */
export const inspection = new Group<typeof import("./inspection.group.ts")>("inspection");
/** crypto.subtle beside digest(). */
export const subtle = new Group<typeof import("./subtle.group.ts")>("subtle");
export const messages = new Group<typeof import("./messages.group.ts")>("messages");
export const urlPattern = new Group<typeof import("./urlpattern.group.ts")>("urlpattern");
export const websockets = new Group<typeof import("./websocket.ts")>("websockets");

export function isReadableStream(value: unknown): value is ReadableStream {
  return streams.loaded !== undefined && streams.loaded.isReadableStream(value);
}

export function isBlob(value: unknown): value is Blob {
  return forms.loaded !== undefined && forms.loaded.isBlob(value);
}

export function isFile(value: unknown): value is File {
  return forms.loaded !== undefined && forms.loaded.isFile(value);
}

export function isFormData(value: unknown): value is FormData {
  return forms.loaded !== undefined && forms.loaded.isFormData(value);
}

export function isWebSocket(value: unknown): value is WebSocket {
  return websockets.loaded !== undefined && websockets.loaded.isWebSocket(value);
}
