/** The value, or what went wrong. */
export async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    return `${error?.name}: ${error?.message}`;
  }
}

/** Until `condition` is true; other events get their turn meanwhile. */
export async function until(condition) {
  for (let i = 0; i < 500 && !condition(); i++) await scheduler.wait(1);
  return condition();
}
