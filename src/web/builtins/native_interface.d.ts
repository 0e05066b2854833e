// What C++ offers to the builtins: import the object from "./natives.ts", take the functions out of
// it at the top of a module, and never let the object itself escape. Each room adds its own functions to the interface by declaration
// merging. (Not named natives.d.ts: TypeScript would take that for the output of natives.ts.)

/** Id of a body whose bytes are on the native side: of a request that came in, or of a fetch()
 * response. Valid until it is read to the end or canceled. */
type BodyId = number;

/** A native that may know its answer at once. */
type Eventually<T> = T | Promise<T>;

interface Natives {
  // --- Supplied by src/js ---------------------------------------------------------------------

  /** The function of a group of builtins: see group.ts. */
  loadGroup(name: string): (find: (key: string) => unknown, module: { exports: object }) => void;
  /** A global that looks like any other, not enumerable, whose value makeLazyGlobal(name) gives when
   * it is first asked for. */
  lazyGlobal(name: string): void;

  // --- Supplied by src/worker ---------------------------------------------------------------

  // Bodies. A number BodyId names the stream.
  /** The whole rest of the body as text (UTF-8, BOM removed) when it is there already, else a
   * promise. */
  bodyText(id: BodyId): Eventually<string>;
  /** Likewise as bytes, in a buffer of its own. */
  bodyBytes(id: BodyId): Eventually<Uint8Array>;
  /** The next chunk; null at the end. Rejects when the client went away. */
  bodyRead(id: BodyId): Promise<Uint8Array | null>;
  bodyCancel(id: BodyId): void;
  /** Announced length, -1 when unknown. */
  bodyLength(id: BodyId): number;

  // Timers. The host calls fireTimer(id) of timers.ts. Throws outside an invocation.
  timerStart(delayMs: number, repeat: boolean): number;
  timerStop(id: number): void;
  /** Timers that ended with their invocations since the last call. */
  timersDropped(): number[];

  // What follows the running code through await and promises: see async_context.ts.
  asyncContext(): unknown;
  setAsyncContext(context: unknown): void;

  /** One line (or several) of console output, already formatted. */
  consoleWrite(level: ConsoleLevel, text: string): void;
  /** An exception nobody caught: logged with its source-mapped stack. */
  reportException(error: unknown): void;
  /** 0: nobody wants to hear of what is logged. */
  recording(): number;
  /** `message`: a JSON array of what was logged. */
  recordLog(level: ConsoleLevel, message: string): void;
  /** Colours on in console output? Asked at run time, once for each isolate. */
  consoleColors(): boolean;

  // --- Supplied by src/web ------------------------------------------------------------------

  // url_natives.cc
  /** Parses `input` (against `base`) and writes the eight numbers of ada's url_components to
   * `components`: protocol_end, username_end, host_start, host_end, port, pathname_start,
   * search_start, hash_start (4294967295 when omitted). Returns the href, or undefined
   * when it is not a URL. */
  urlParse(input: string, base: string | undefined, components: Uint32Array): string | undefined;
  urlCanParse(input: string, base: string | undefined): boolean;
  /** Sets one part (`UrlPart`) of the URL `href`. Returns the new href and writes its components;
   * undefined when the value was refused. */
  urlSet(href: string, part: number, value: string, components: Uint32Array): string | undefined;

  /** Major version of the URL parser; url.ts knows the fourth. */
  urlParserVersion(): number;

  // text_natives.cc
  encodeUtf8(text: string): Uint8Array;
  utf8Length(text: string): number;
  /** Writes as much of `text` as fits into `target`, whole characters only. `out[0]` becomes the
   * number of UTF-16 units read, `out[1]` that of bytes written. */
  encodeUtf8Into(text: string, target: Uint8Array, out: Uint32Array): void;
  /** Strings by encoding; `fatal` returns undefined where the input is malformed. A BOM stays. */
  decodeUtf8(bytes: ArrayBufferView | ArrayBufferLike, fatal: boolean): string | undefined;
  decodeUtf16(bytes: Uint8Array, bigEndian: boolean, fatal: boolean): string | undefined;
  decodeLatin1(bytes: Uint8Array): string;
  /** Windows-1252, the meaning of "latin1" and "ascii" in the Encoding Standard. */
  decodeWindows1252(bytes: Uint8Array): string;
  /** A string of characters below 256 as bytes; undefined if one is not. */
  encodeLatin1(text: string): Uint8Array | undefined;
  base64Encode(latin1: string): string | undefined;
  base64EncodeBytes(bytes: Uint8Array): string;
  /** Forgiving base64 decode (Infra Standard) to a binary string; undefined when malformed. */
  base64Decode(text: string): string | undefined;

  // crypto_natives.cc
  randomFill(view: ArrayBufferView): void;
  randomUuid(): string;
  /** Names: "SHA-1", "SHA-256", "SHA-384", "SHA-512", "MD5". */
  digest(algorithm: string, bytes: ArrayBufferView | ArrayBuffer): ArrayBuffer;
  timingSafeEqual(
    a: ArrayBufferView | ArrayBuffer,
    b: ArrayBufferView | ArrayBuffer,
  ): boolean;

  // key_natives.cc: undefined where the key, or what it is used on, is not right. Hashes by the names
  // above, without MD5; keys of pairs in DER: PKCS #8 and SubjectPublicKeyInfo.
  hmac(hash: string, key: Uint8Array, data: Uint8Array): ArrayBuffer | undefined;
  /** Modes: 0 GCM, 1 CBC, 2 CTR, 3 key wrap. A GCM tag stands at the ciphertext's end. */
  aesCrypt(
    mode: number, encrypt: boolean, key: Uint8Array, iv: Uint8Array, additionalData: Uint8Array, tagBytes: number,
    data: Uint8Array,
  ): ArrayBuffer | undefined;
  pbkdf2(hash: string, password: Uint8Array, salt: Uint8Array, iterations: number, bytes: number): ArrayBuffer | undefined;
  hkdf(hash: string, key: Uint8Array, salt: Uint8Array, info: Uint8Array, bytes: number): ArrayBuffer | undefined;
  /** [private, public]; kinds: P-256, P-384, P-521, Ed25519, X25519. */
  keyPairGenerate(kind: string): [ArrayBuffer, ArrayBuffer] | undefined;
  rsaPairGenerate(bits: number, exponent: Uint8Array): [ArrayBuffer, ArrayBuffer] | undefined;
  /** The kind, also "RSA", and the numbers that key_pair.h lists. */
  keyParts(der: Uint8Array, isPrivate: boolean): [kind: string, ...numbers: Uint8Array[]] | undefined;
  keyFromParts(kind: string, isPrivate: boolean, ...numbers: Uint8Array[]): ArrayBuffer | undefined;
  keyFromPoint(kind: string, point: Uint8Array): ArrayBuffer | undefined;
  /** How: 0 RSASSA-PKCS1-v1_5, 1 RSA-PSS, 2 ECDSA, 3 Ed25519. */
  keySign(privateKey: Uint8Array, how: number, hash: string, saltBytes: number, data: Uint8Array): ArrayBuffer | undefined;
  keyVerify(
    publicKey: Uint8Array, how: number, hash: string, saltBytes: number, signature: Uint8Array, data: Uint8Array,
  ): boolean;
  rsaOaep(
    encrypt: boolean, key: Uint8Array, hash: string, label: Uint8Array, data: Uint8Array,
  ): ArrayBuffer | undefined;
  keyDerive(privateKey: Uint8Array, publicKey: Uint8Array): ArrayBuffer | undefined;

  // clone_natives.cc
  /** The structured clone algorithm. `isPlatformObject` is asked about objects with an unusual
   * prototype; `writeHost`/`readHost` turn those into plain values and back. */
  structuredClone(value: unknown, transfer: unknown[], hooks: CloneHooks): unknown;

  /** What V8 can serialize, as bytes, and back: the attachments of WebSockets. */
  attachmentWrite(value: unknown): Uint8Array;
  attachmentRead(bytes: Uint8Array): unknown;

  // inspect_natives.cc
  /** [state, result]; state 0 pending, 1 fulfilled, 2 rejected. */
  promiseDetails(promise: Promise<unknown>): [number, unknown];
  proxyDetails(value: object): [object | null, object | null] | undefined;
  /** Entries of a Map, Set, their iterators, WeakMap, WeakSet; [list, isKeyValue]. */
  previewEntries(value: object): [unknown[], boolean] | undefined;
  /** What kind of built-in object this is: "Map", "Date", "Promise", ... or "". */
  builtinKind(value: object): string;

  /** Milliseconds since the epoch, with fraction. */
  wallClock(): number;

  // codec_natives.cc: a codec lives in a buffer of codecSize() bytes, which nobody else may see.
  codecSize(compress: boolean): number;
  codecStart(codec: ArrayBuffer, format: string, compress: boolean): void;
  /** The output so far, or a message when it fails; null ends the input. */
  codecPush(codec: ArrayBuffer, bytes: Uint8Array | null): Uint8Array | string;
}

type ConsoleLevel = "debug" | "log" | "info" | "warn" | "error";

interface CloneHooks {
  isPlatformObject(value: object): boolean;
  /** A [tag, plain value] for a serialisable platform object, or undefined: DataCloneError. */
  write(value: object): [string, unknown] | undefined;
  read(tag: string, value: unknown): object;
}
