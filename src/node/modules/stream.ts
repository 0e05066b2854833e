// npm's readable-stream: Node's own code, made for elsewhere.
import stream from "readable-stream/lib/stream.js";

export const {
  addAbortSignal, compose, destroy, Duplex, finished, isDestroyed, isDisturbed, isErrored, isReadable, isWritable,
  PassThrough, pipeline, promises, Readable, Stream, Transform, Writable,
  _isUint8Array, _uint8ArrayToBuffer,
} = stream;
const { getDefaultHighWaterMark, setDefaultHighWaterMark } = stream;
export { getDefaultHighWaterMark, setDefaultHighWaterMark };
export default stream;
