// Ports from npm, bundled as they are.
declare module "readable-stream";
declare module "readable-stream/*";
declare module "path-browserify";
declare module "unenv/*";
declare module "string_decoder/*";
