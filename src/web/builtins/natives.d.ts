// What C++ offers to the builtins. `natives` exists only while the startup snapshot is made: import
// it from "./natives" and keep the functions, never the object, on hot paths.

/** Id of a body whose bytes are on the native side: of a request that came in, or of a fetch()
 * response. Valid until it is read to the end or canceled. */
type BodyId = number;

interface Natives {
  // Bodies (src/worker/body_natives.cc). A number BodyId names the stream.
  /** The whole rest of the body as text (UTF-8, BOM removed) when it is there already, else a promise. */
  bodyText(id: BodyId): string | Promise<string>;
  /** Likewise as bytes. */
  bodyBytes(id: BodyId): Uint8Array | Promise<Uint8Array>;
  /** The next chunk; null at the end. Rejects when the client went away. */
  bodyRead(id: BodyId): Promise<Uint8Array | null>;
  bodyCancel(id: BodyId): void;
  /** Announced length, -1 when unknown. */
  bodyLength(id: BodyId): number;
}
