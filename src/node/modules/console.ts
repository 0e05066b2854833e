// The platform's console, as a module.
const { console: platform } = globalThis as unknown as { console: Record<string, any> };

export const {
  assert, clear, count, countReset, debug, dir, dirxml, error, group, groupCollapsed, groupEnd, info, log, table,
  time, timeEnd, timeLog, trace, warn,
} = platform;
export default platform;
