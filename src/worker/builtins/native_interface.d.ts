// What the rooms "js" and "worker" offer to their builtins, beside src/web's.

/** Number of an invocation: one event's life. */
type InvocationId = number;

/** [status, statusText, header block, BodyId or -1, number of a socket or -1]. Status 0: the callee
 * threw, and the header block is what encodeThrown() made of it. */
type ResponseParts = [number, string, string, BodyId, number];

/** What a request's body can be sent from; `true`: written to the pipe that the call returns. */
type OutgoingBody = null | string | Uint8Array | BodyId | true;

/** See stored_value.ts. */
type StoredPairOf = (value: object) => [string, unknown] | undefined;

/** As text, as an ArrayBuffer, as a body to be read as a stream. */
type KvForm = 0 | 1 | 2;

interface Natives {
  // record_natives.cc: for whoever listens to what happens. recording() and recordLog() are in the
  // web's interface.
  /** `kind` as in recorded_event.ts; its number, 0 when nobody is interested. */
  recordObjectEvent(
    object: InvocationId, id: string, kind: number, method: string, url: string, headers: string,
    time: number, caller: number,
  ): number;
  recordObjectEventEnd(
    object: InvocationId, event: number, status: number, thrown: unknown, failed: boolean,
  ): void;
  /** Of a call within this isolate; its number, 0 when it is in no trace. */
  objectCallBegin(worker: string, className: string, id: string, method: string, url: string): number;
  /** `status`: 0 when it threw. */
  objectCallEnd(call: number, status: number): void;

  // response_natives.cc: an invocation's response, once. `coding`: the Content-Encoding that the body
  // is to be given.
  respondText(id: InvocationId, status: number, statusText: string, headers: string, text: string, coding?: string): void;
  respondBytes(id: InvocationId, status: number, statusText: string, headers: string, bytes: Uint8Array, coding?: string): void;
  respondEmpty(id: InvocationId, status: number, statusText: string, headers: string): void;
  respondBody(id: InvocationId, status: number, statusText: string, headers: string, body: BodyId, coding?: string): void;
  /** Number of the pipe to write the body to; -1 when nobody will read it. */
  respondStream(id: InvocationId, status: number, statusText: string, headers: string, length: number, coding?: string): number;
  /** Undefined: the client asked for no WebSocket. With `socket` >= 0 that one is joined to the
   * client's, and the answer is -1; else the number of the socket that leads to the client. */
  respondSocket(id: InvocationId, headers: string, socket: number): number | undefined;
  /** `encoded`: what encodeThrown() makes of it, for a caller in this process. */
  respondException(id: InvocationId, thrown: unknown, encoded: string): void;
  respondProblem(id: InvocationId, status: number, title: string, detail: string): void;
  /** 0 outside of any. */
  currentInvocation(): InvocationId;
  /** `waitUntil`: it is waitUntil() that keeps it going, whose time is limited. */
  invocationHold(id: InvocationId, waitUntil?: boolean): void;
  invocationRelease(id: InvocationId, waitUntil?: boolean): void;

  // body_natives.cc: pipes that the script writes.
  outgoingWrite(pipe: number, chunk: Uint8Array | string): boolean;
  outgoingDrained(pipe: number): Promise<void>;
  outgoingEnd(pipe: number): void;
  outgoingFail(pipe: number, message: string): void;

  // fetch_natives.cc: the answer; when the body is `true`, the pipe to write it to; and a number by
  // which to give the exchange up.
  fetchStart(
    method: string, url: string, headers: string, body: OutgoingBody, websocket: boolean,
  ): [Promise<ResponseParts>, number, number];
  fetchCancel(call: number): void;
  serviceFetch(
    worker: string, entrypoint: string, objectClass: string, objectId: string, objectName: string,
    props: string, method: string, url: string, headers: string, body: OutgoingBody,
  ): [Promise<ResponseParts>, number, number];

  // socket_natives.cc. `storage`: whose writes must be durable first; -1: nobody's.
  socketSend(socket: number, data: string | Uint8Array, storage: number): void;
  socketClose(socket: number, code: number, reason: string, storage: number): void;
  /** Whether its messages are wanted now. */
  socketReading(socket: number, reading: boolean): void;
  /** Its events belong to an object's life from now on. */
  socketAssign(socket: number, life: InvocationId): void;
  /** The socket stays open when the object (whose sockets are awake) is out of memory. */
  socketHibernate(
    socket: number, className: string, id: string, name: string, tags: string[],
    attachment: Uint8Array | undefined,
  ): void;
  /** Whose hibernatable socket it is. */
  socketObject(socket: number): [className: string, id: string, name: string] | undefined;
  /** The other side has closed, and the object knows. */
  socketLeave(socket: number): void;
  /** [tags, attachment, time of the last automatic answer or -1, closed by the object] of a
   * hibernatable socket. */
  socketState(socket: number): [string[], Uint8Array | undefined, number, boolean] | undefined;
  socketAttach(socket: number, attachment: Uint8Array): void;
  /** Its hibernatable sockets, oldest first; their events belong to `life`, 0: it is asleep. */
  objectSockets(className: string, id: string, life: InvocationId): number[];
  /** The object will have hibernatable sockets or settings for them. */
  objectSocketsAwake(className: string, id: string, name: string, life: InvocationId): void;
  /** It was reset: all its sockets are dropped. */
  objectSocketsDrop(className: string, id: string, life: InvocationId): void;
  objectAutoResponse(className: string, id: string, request: string | undefined, response: string): void;
  objectEventTimeout(className: string, id: string, milliseconds: number): void;
  objectSocketSettings(className: string, id: string):
    [request: string | undefined, response: string | undefined, eventTimeout: number] | undefined;

  // runtime_natives.cc
  location(): string;
  /** [HTTP minor version, round-trip time in ms or -1] of the running invocation's client. */
  connectionInfo(): [number, number] | undefined;

  // rate_limit_natives.cc: whether one more is within the limit, in periods of seconds.
  rateLimitTake(namespace: string, key: string, limit: number, period: number): boolean;

  // kv_natives.cc
  // What the limits do not allow throws. Times to live and limits: undefined when not given.
  kvGet(
    namespace: string, key: string, form: KvForm, cacheTtl: number | undefined,
  ): string | ArrayBuffer | BodyId | null;
  kvGetWithMetadata(
    namespace: string, key: string, form: KvForm, cacheTtl: number | undefined,
  ): [value: string | ArrayBuffer | BodyId, metadata: string | null] | null;
  /** [value or null, metadata or null, ...], in the order of the keys. */
  kvGetMany(
    namespace: string, keys: string[], type: string, cacheTtl: number | undefined,
  ): (string | null)[];
  kvRefuseBulkJson(): never;
  kvPut(
    namespace: string, key: string, value: string | ArrayBufferView | ArrayBuffer,
    metadata: string | null, expiration: number | undefined, ttl: number | undefined,
  ): Promise<void>;
  /** The number of an upload, which ends with its invocation. */
  kvUploadStart(
    namespace: string, key: string, unused: undefined,
    metadata: string | null, expiration: number | undefined, ttl: number | undefined,
  ): number;
  kvUploadWrite(upload: number, chunk: Uint8Array | string): void;
  kvUploadFinish(upload: number): Promise<void>;
  kvUploadDrop(upload: number): void;
  kvDelete(namespace: string, keys: string[]): Promise<void>;
  /** [[name, expiration or 0, metadata or null]..., cursor or ""]; throws Error on a bad cursor. */
  kvList(
    namespace: string, prefix: string, limit: number | undefined, cursor: string,
  ): [[string, number, string | null][], string];

  // actor_natives.cc
  /** There are events for objects: runObjectEvents() is to be called after the microtasks. */
  objectEventsPending(): void;
  /** An object is constructed: its invocation, until objectEnd(); 0: too many. */
  objectBegin(description: string): InvocationId;
  /** An event of the object begins: what runs now is its, and is given a CPU budget of its own. */
  objectEnter(id: InvocationId, constructing?: boolean): boolean;
  /** What runs now belongs to this critical section of the object. */
  objectEnterSection(id: InvocationId, section: number): void;
  /** The object's innermost open critical section; 0: none. Resumes what may be delivered now. */
  objectGate(id: InvocationId, section: number): void;
  /** The critical section that the running code belongs to, open or not; 0: none. */
  currentSection(): number;
  /** The object has opened its storage. */
  objectStorage(id: InvocationId, handle: number): void;
  /** 0: nothing goes on; 1: timers run or something is waited for; 2: it holds a WebSocket. */
  objectActivity(id: InvocationId): 0 | 1 | 2;
  /** Stops the running code, which is the object's: never returns. Its caller gets an error with
   * `reason`, and what the turn has written never happened. */
  objectAbort(id: InvocationId, handle: number, reason: string): void;
  /** The object is gone: its timers, requests and sockets end. */
  objectEnd(id: InvocationId, reason: string): void;
  /** Many objects have left memory. */
  objectsEvicted(): void;
  /** Undefined when all that the running object wrote is durable, else a promise for it. */
  outputBarrier(): Promise<void> | undefined;

  // object_natives.cc
  /** 64 hexadecimal digits for `name` in the namespace, or of a new unique id when undefined. */
  objectId(namespace: string, jurisdiction: number, name: string | undefined): string;
  objectIdValid(namespace: string, id: string): boolean;
  /** Whether the object lives on this thread. */
  objectIsHere(id: string): boolean;
  /** Opens the storage of an object; its handle. */
  storageOpen(namespace: string, id: string): number;
  /** `discard`: what the turn has written so far never happened. */
  storageClose(handle: number, discard: boolean): void;
  /** An event that will use it is in the queue. */
  storageExpectUse(handle: number): void;
  /** `read` and `write`: see stored_value.ts. */
  storageGet(handle: number, key: string, read: (tag: string, value: unknown) => unknown): unknown;
  /** `unconfirmed`, here and below: the output gate need not wait for it. */
  storagePut(handle: number, key: string, value: unknown, write: StoredPairOf, unconfirmed?: boolean): void;
  /** [key, value, key, value, ...]; undefined values are left out. Nothing is put when one cannot be
   * stored. */
  storagePutAll(handle: number, entries: unknown[], write: StoredPairOf, unconfirmed?: boolean): void;
  storageDelete(handle: number, key: string, unconfirmed?: boolean): boolean;
  /** [key, value, key, value, ...] */
  storageList(
    handle: number, start: string | undefined, startAfter: string | undefined, end: string | undefined,
    prefix: string | undefined, reverse: boolean, limit: number, read: (tag: string, value: unknown) => unknown,
  ): unknown[];
  storageDeleteAll(handle: number, alarmToo: boolean): void;
  /** When the alarm is due, in milliseconds since 1970; undefined: there is none, or its handler is
   * running. */
  storageAlarm(handle: number): number | undefined;
  /** `time` 0: there is to be no alarm. `name`: of the object, "" when unknown. */
  storageSetAlarm(handle: number, time: number, name: string, unconfirmed?: boolean): void;
  /** The handler of the alarm of `time` is to run; false: there is no such alarm. */
  storageBeginAlarm(handle: number, time: number): boolean;
  storageEndAlarm(handle: number, well: boolean): void;
  /** Undefined when all that was written is durable, else a promise for that moment. `sync`: for the
   * object's own code, which its critical sections may hold up, and unconfirmed writes count; else
   * for its output gate. */
  storageBarrier(handle: number, sync: boolean): Promise<void> | undefined;
  /** Of point-in-time recovery: see object/object_storage.h. */
  storageBookmark(handle: number): string;
  storageBookmarkAt(handle: number, time: number): string;
  storageRestore(handle: number, bookmark: string): string;
  /** A promise for the moment when what the object, which is not open, stores was brought back to
   * the state that was asked for; undefined when there was no such wish. */
  storageBringBack(namespace: string, id: string): Promise<void> | undefined;
  storageTransactionBegin(handle: number): void;
  storageTransactionEnd(handle: number, commit: boolean): void;

  // sql_natives.cc
  /** Runs a query up to its first row, or, when it writes, to its end. Gives [cursor or 0 when there
   * are no more rows, number of its columns' names, these unless the number is `knownColumns`, rows
   * read, rows written, rows read once the first row was passed, values of the row or rows...]. */
  sqlExec(handle: number, query: string, knownColumns: number, ...bindings: unknown[]): unknown[];
  /** The next row or all that are left: [cursor or 0, rows read, values...]. */
  sqlFetch(handle: number, cursor: number, all: boolean): unknown[];
  /** The rest will not be read. */
  sqlDrop(handle: number, cursor: number): void;
  sqlDatabaseSize(handle: number): number;

  // rpc_natives.cc
  /** By V8's structured clone; the hooks are asked about objects with an unusual prototype. */
  rpcSerialize(value: unknown, hooks: RpcHooks): ArrayBuffer;
  rpcDeserialize(bytes: ArrayBuffer, hooks: RpcHooks): unknown;
  /** Opens a session with its first message: [port, numbers of the streams, port of the other end
   * when it is `here` (else -1), numbers of the streams there]. */
  rpcOpen(
    worker: string, entrypoint: string, objectClass: string, objectId: string, objectName: string,
    props: string, here: boolean, owner: InvocationId, header: string,
    payload: ArrayBuffer | undefined, streams: unknown[] | undefined,
  ): [port: number, numbers: number[], farPort: number, farNumbers: number[]];
  /** Two ports that lead to each other. */
  rpcPair(owner: InvocationId): number[];
  /** Each stream: a BodyId, bytes, [length] (written by the script) or null (a WritableStream, read
   * by the script). Gives their numbers, if there are any. */
  rpcSend(
    port: number, header: string, payload: ArrayBuffer | undefined, streams: unknown[] | undefined,
  ): number[] | undefined;
  /** The port ends with `owner` from now on. */
  rpcAdopt(port: number, owner: InvocationId): void;
  rpcClose(port: number, reason: string): void;
  /** Whoever writes the stream learns that it is not read any more, and why. */
  rpcStreamFailed(body: BodyId, message: string): void;
}

interface RpcHooks {
  /** Content for an object that stands for something else; undefined: it is refused. */
  write(value: object): unknown[] | undefined;
  /** What the content is of. Runs no script's code. */
  read(content: unknown[]): object;
}
