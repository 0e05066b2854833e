// path-browserify, which is Node's own code for POSIX; the rules of Windows come from unenv.
import * as posixPath from "node:path/posix";
import * as win32Path from "node:path/win32";

export const {
  basename, delimiter, dirname, extname, format, isAbsolute, join, normalize, parse, relative, resolve,
  sep, toNamespacedPath,
} = posixPath;
export const posix = posixPath.default;
export const win32 = win32Path.default;
posix.win32 = win32;
win32.win32 = win32;
win32.posix = posix;
export default posix;
