// Computes without pause: ?rounds=N. Clocks stand still while a worker computes, so the length is
// a number of rounds; whoever asks finds out how many make 500 ms.
export default {
  fetch(request) {
    let state = 1;
    const rounds = Number(new URL(request.url).searchParams.get("rounds") ?? 0);
    for (let i = 0; i < rounds; ++i) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
    }
    return new Response(String(state));
  },
};
