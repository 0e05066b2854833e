export { decode, encode, escape, parse, stringify, unescape, unescapeBuffer } from "unenv/node/querystring";
