import { win32 } from "unenv/node/path";

const own: any = { ...win32 };
export const {
  basename, delimiter, dirname, extname, format, isAbsolute, join, normalize, parse, relative, resolve,
  sep, toNamespacedPath,
} = own;
export default own;
