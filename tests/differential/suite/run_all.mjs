// Runs programs a few at a time: many of them mostly wait.

const atOnce = 12;
const patienceMs = 30_000;

function late(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms, ["(prints nothing within its time)"]).unref());
}

/** What each printed, by id; `took(id, ms)` is told how long each ran. */
export async function runAll(list, runtime, took) {
  const printed = new Map();
  const left = [...list];
  const oneByOne = async () => {
    while (left.length > 0) {
      const program = left.shift();
      const began = performance.now();
      try {
        printed.set(program.id, await Promise.race([runtime.run(program), late(patienceMs)]));
      } catch (error) {
        printed.set(program.id, [`(no answer: ${error.message})`]);
      }
      took?.(program.id, performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, oneByOne));
  return printed;
}
