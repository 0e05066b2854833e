import posix from "path-browserify";

posix.posix = posix;
// Nothing to do outside of Windows.
posix.toNamespacedPath = (path: unknown) => path;
export const {
  basename, delimiter, dirname, extname, format, isAbsolute, join, normalize, parse, relative, resolve,
  sep, toNamespacedPath,
} = posix;
export default posix;
